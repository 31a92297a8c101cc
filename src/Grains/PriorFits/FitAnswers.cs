using System.Buffers.Binary;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Tensors;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>
/// All answers of a fit so far, each with the name of its question. The optimiser asks the same questions for the same answers, so these are its state: who
/// takes a fit up lets a new optimiser ask again from the beginning, and answers from here as far as it goes.
/// </summary>
/// <remarks>
/// Used by one thread at a time: first by the optimiser's, which reads what there is; once it asks for more, by the grain's, which adds it. Blocks of bytes
/// in the tensor store: name, length and value, one after the other.
/// </remarks>
internal sealed class FitAnswers
{
    private const int HeaderBytes = sizeof(long) + sizeof(int);

    private readonly List<(long Question, byte[] Value)> _answers = [];
    private int _next;
    private int _durable;

    /// <summary>The number of answers.</summary>
    public int Count => _answers.Count;

    /// <summary>Whether there are answers that <see cref="TakeNew"/> has not given out.</summary>
    public bool HasNew => _durable < _answers.Count;

    /// <summary>Whether what is durable is not what comes before the next new ones: then these take its place.</summary>
    public bool ReplacesAll { get; private set; }

    /// <summary>Why something that was durable could not be used; null if all could.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads what is durable, as far as it can be read.</summary>
    public static async Task<FitAnswers> ReadAsync(ITensorStore tensors, TensorScope scope, IReadOnlyList<string> blocks, CancellationToken cancellationToken)
    {
        var answers = new FitAnswers();
        try
        {
            foreach (string hash in blocks)
            {
                answers.Parse(await tensors.GetAsync(scope, hash, cancellationToken));
            }
        }
        catch (Exception error) when (error is StoreException { IsRetryable: false } or InvalidDataException)
        {
            answers.Drop(answers._answers.Count, error.Message);
        }

        answers._durable = answers.ReplacesAll ? 0 : answers._answers.Count;
        return answers;
    }

    /// <summary>The answer to the next question, if it is known; what does not fit the question is forgotten with all after it.</summary>
    /// <param name="question">Its name.</param>
    /// <param name="read">Reads the answer; an <see cref="InvalidDataException"/> says that it is damaged.</param>
    public T? Next<T>(long question, Func<byte[], T> read)
        where T : class
    {
        if (_next >= _answers.Count)
        {
            return null;
        }

        try
        {
            if (_answers[_next].Question == question)
            {
                return read(_answers[_next++].Value);
            }

            Drop(_next, "another question was asked");
        }
        catch (InvalidDataException error)
        {
            Drop(_next - 1, error.Message);
            _next--;
        }

        return null;
    }

    /// <summary>Adds the answer to the question that was asked last.</summary>
    public void Add(long question, byte[] value)
    {
        _answers.Add((question, value));
        _next = _answers.Count;
    }

    /// <summary>What is to be made durable now, and whether it takes the place of all before.</summary>
    public (byte[] Block, bool ReplacesAll) TakeNew()
    {
        (long Question, byte[] Value)[] fresh = [.. _answers.Skip(_durable)];
        byte[] block = new byte[fresh.Sum(answer => HeaderBytes + (long)answer.Value.Length)];
        int at = 0;
        foreach ((long question, byte[] value) in fresh)
        {
            BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(at), question);
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(at + sizeof(long)), value.Length);
            value.CopyTo(block.AsSpan(at + HeaderBytes));
            at += HeaderBytes + value.Length;
        }

        bool replaces = ReplacesAll;
        ReplacesAll = false;
        _durable = _answers.Count;
        return (block, replaces);
    }

    private void Parse(byte[] block)
    {
        int at = 0;
        while (at < block.Length)
        {
            int length = block.Length - at < HeaderBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(at + sizeof(long)));
            if (length < 0 || length > block.Length - at - HeaderBytes)
            {
                throw new InvalidDataException("it is cut off");
            }

            _answers.Add((BinaryPrimitives.ReadInt64LittleEndian(block.AsSpan(at)), block[(at + HeaderBytes)..(at + HeaderBytes + length)]));
            at += HeaderBytes + length;
        }
    }

    private void Drop(int from, string problem)
    {
        _answers.RemoveRange(from, _answers.Count - from);
        _durable = 0;
        ReplacesAll = true;
        Problem ??= problem;
    }
}

using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>Puts the parts of a question together. A later question replaces one that never became complete.</summary>
internal sealed class ShardInbox
{
    private byte[]?[] _parts = [];
    private long _question = -1;

    /// <summary>Keeps a part; its payload is released.</summary>
    /// <param name="question">Tells the question from others.</param>
    /// <param name="part">Which part, from 0.</param>
    /// <param name="parts">How many there are.</param>
    /// <param name="payload">Its bytes.</param>
    /// <returns>The whole payload, once all parts are there; null before.</returns>
    public byte[]? Add(long question, int part, int parts, SolvePayload payload)
    {
        byte[] bytes = payload.Bytes.ToArray();
        payload.Release();
        if (parts == 1)
        {
            Clear();
            return bytes;
        }

        if (_question != question || _parts.Length != parts)
        {
            _question = question;
            _parts = new byte[]?[parts];
        }

        _parts[part] = bytes;
        if (Array.Exists(_parts, held => held is null))
        {
            return null;
        }

        byte[] whole = new byte[_parts.Sum(held => held!.Length)];
        int at = 0;
        foreach (byte[]? held in _parts)
        {
            held!.CopyTo(whole, at);
            at += held.Length;
        }

        Clear();
        return whole;
    }

    private void Clear()
    {
        _parts = [];
        _question = -1;
    }
}

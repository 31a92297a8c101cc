using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>Puts the parts of a question together. A later question replaces one that never became complete.</summary>
internal sealed class ShardInbox
{
    private byte[]?[] _parts = [];
    private long _sequence = -1;

    /// <summary>Keeps a part; its payload is released.</summary>
    /// <returns>The whole payload, once all parts are there; null before.</returns>
    public byte[]? Add(ShardQuestionMessage message)
    {
        byte[] part = message.Payload.Bytes.ToArray();
        message.Payload.Release();
        if (message.Parts == 1)
        {
            Clear();
            return part;
        }

        if (_sequence != message.Sequence || _parts.Length != message.Parts)
        {
            _sequence = message.Sequence;
            _parts = new byte[]?[message.Parts];
        }

        _parts[message.Part] = part;
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
        _sequence = -1;
    }
}

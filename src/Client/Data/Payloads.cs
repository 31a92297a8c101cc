using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Data;

/// <summary>Between rows and what travels.</summary>
internal static class Payloads
{
    public static TensorPayload Of(Rows rows) => Of(rows, 0, rows.Count);

    public static TensorPayload Of(Rows rows, int start, int count) =>
        TensorPayload.FromMatrix(rows.Values.AsSpan(start * rows.Width, count * rows.Width), count, rows.Width);

    public static Rows ToRows(TensorPayload payload) => new(payload.Shape[0], payload.Shape[1], payload.ToDoubles());
}

using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solves;

/// <summary>What an answer must look like is what every shard's every answer looks like.</summary>
public sealed class ShardAnswersTests
{
    [Theory]
    [InlineData(SolveLayout.KernelRows, false, false)]
    [InlineData(SolveLayout.KernelRows, true, false)]
    [InlineData(SolveLayout.KernelRows, false, true)]
    [InlineData(SolveLayout.ParameterSpace, false, false)]
    [InlineData(SolveLayout.ParameterSpace, true, false)]
    [InlineData(SolveLayout.ParameterSpace, false, true)]
    public void BytesOf_EveryQuestionOfASolve_ThoseOfTheAnswer(SolveLayout layout, bool inDouble, bool certifies)
    {
        Case c = SolveCases.Build(seed: 2, rows: 120, outputs: 2);
        SolvePlan plan = SolveCases.Plan(c, layout, shards: 3) with { InDouble = inDouble, CertifiesInDouble = certifies, ScoredRows = 50 };
        if (layout == SolveLayout.ParameterSpace && !certifies)
        {
            plan = plan with { Preconditioner = PreconditionerKind.SampledRows, PreconditionerSize = 100 };
        }

        var data = new TaskData(c.X, c.Y);
        var asked = new HashSet<ShardQuestion>();
        Conversation.Run(c, plan, data, null, run =>
        {
            ShardRequest request = run.Request!;
            asked.Add(request.Question);
            for (int s = 0; s < plan.Shards.Length; s++)
            {
                using SolveShard shard = SolveShard.Create(
                    c.Model, torch.CPU, c.Prior, plan, s, layout == SolveLayout.KernelRows ? data : data.Slice(plan.Shards[s].Start, plan.Shards[s].Count));
                byte[] answer = Conversation.Answer(shard, request);
                Assert.Equal(ShardAnswers.BytesOf(c.Model.Spec, c.Prior, plan, s, request), answer.Length);
                Assert.True(ShardAnswers.AreFinite(plan, request, answer), $"'{request.Question}' is said not to be finite");
                if (answer.Length > 0)
                {
                    answer.AsSpan(answer.Length - 8).Fill(0xff);
                    Assert.False(ShardAnswers.AreFinite(plan, request, answer), $"a NaN in '{request.Question}' is not seen");
                }
            }
        });

        Assert.Contains(ShardQuestion.Apply, asked);
        Assert.Contains(layout == SolveLayout.KernelRows ? ShardQuestion.Begin : certifies ? ShardQuestion.Gram : ShardQuestion.Sample, asked);
    }
}

using SynapticGeometry.Reporting;
using SynapticGeometry.Tests.Inference;
using Xunit;

namespace SynapticGeometry.Tests.Reporting;

public sealed class TrainingOutcomeTests
{
    [Fact]
    public void A_network_of_eight_layers_is_judged_layer_by_layer_in_headline_numbers_and_figure()
    {
        TrainingOutcome outcome = Outcome(layers: true);
        TrainedNetwork network = outcome.Networks[0];

        Assert.Equal(("3-norm", "3-norm"), (network.Inference!.Closest, network.LeastDeltaCdf));
        Assert.Equal(network.Inference.Layers!.Median.Value, network.Told!.Value.Estimate);
        Assert.Equal("Layer by layer, the candidate closest to the changes is the potential of training in 1 of 1 network; changes look most Gaussian under it in 1.", outcome.Headline);
        Assert.Contains("the median of layers", outcome.Sentences.Single(), StringComparison.Ordinal);
        ReportFigure figure = TrainingFigures.Draw(outcome).Single();
        Assert.Contains("layer by layer, the mean over layers", figure.Caption, StringComparison.Ordinal);
        Assert.Contains("the median over layers", figure.Caption, StringComparison.Ordinal);
        Assert.True(figure.Sheet.ToPng(50).Length > 100);

        // The control: the same weights as one.
        TrainingOutcome together = Outcome(layers: false);
        Assert.NotEqual("3-norm", together.Networks[0].Inference!.Closest);
        Assert.NotEqual("3-norm", together.Networks[0].LeastDeltaCdf);
        Assert.Equal(together.Networks[0].LeastDeltaCdf, network.LeastDeltaCdfOfAll);
        Assert.Equal("The candidate closest to the changes is the potential of training in 0 of 1 network; changes look most Gaussian under it in 0.", together.Headline);
        Assert.DoesNotContain("ayer", TrainingFigures.Draw(together).Single().Caption, StringComparison.Ordinal);
    }

    private static TrainingOutcome Outcome(bool layers)
    {
        PairedWeights pairs = LayerAnalysisTests.Network(2, 8, 300, 1);
        InferenceResult result = GeometryInference.Infer(
            pairs, new InferenceOptions { Bootstrap = 0, GoodnessOfFitReplicates = 19, Threads = 2, GroupsAreLayers = layers }, null, TestContext.Current.CancellationToken);
        TrainedNetwork network = new()
        {
            Potential = new PNorm(3),
            Number = 1,
            Tried = [],
            LearningRate = 0.01,
            Epochs = 10,
            Loss = 0.1,
            Accuracy = 1,
            Weights = pairs.Count,
            SignChanges = 0,
            Stopped = 0,
            Folder = "3-norm-seed1",
            Inference = result,
        };
        return new TrainingOutcome([network], 1, 0);
    }
}

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>
/// SimSiam over a residual network, with its authors' names and shapes (Chen and He 2021): the encoder ends in a projector of three
/// layers, "encoder.fc"; a predictor of two layers follows. It learns to predict one view of an image from another.
/// </summary>
/// <remarks>The forward pass gives the prediction of a batch, [batch, <see cref="Network.Outputs"/>].</remarks>
public sealed class SimSiam : Network
{
    private readonly ResNet encoder;
    private readonly Sequential predictor;

    internal SimSiam(ResNetPlan plan, NetworkOptions options, RandomSource random)
        : base($"simsiam-{plan.Name}", new ImageShape(3, 224, 224), options.Embedding, readOut: null)
    {
        int features = plan.Features;
        Linear last = Linear(features, options.Embedding);
        Sequential projector = Layers.InRow(
        [
            Linear(features, features, hasBias: false), BatchNorm1d(features), ReLU(),
            Linear(features, features, hasBias: false), BatchNorm1d(features), ReLU(),
            last, BatchNorm1d(options.Embedding, affine: false),
        ]);
        encoder = new ResNet(plan, options.Embedding, projector, readOut: null);
        predictor = Layers.InRow(
        [
            Linear(options.Embedding, options.Predictor, hasBias: false), BatchNorm1d(options.Predictor), ReLU(),
            Linear(options.Predictor, options.Embedding),
        ]);
        register_module("encoder", encoder);
        register_module("predictor", predictor);
        Initialization.Apply(this, random, ConvolutionStart.NormalByOutputs);
        encoder.BeginAsIdentity();

        // The normalisation that follows takes any bias away.
        last.bias!.requires_grad = false;
    }

    /// <summary>The embedding z of images, [batch, 3, height, width] to [batch, <see cref="Network.Outputs"/>].</summary>
    /// <param name="images">The images.</param>
    public Tensor Embed(Tensor images) => encoder.forward(images);

    /// <summary>
    /// The loss of two views of a batch: -½ (cos(p₁, z₂) + cos(p₂, z₁)), the mean over the batch, in [-1, 1]. Gradients flow through
    /// the predictions p and not through the embeddings z that they are compared with.
    /// </summary>
    /// <param name="first">One view, [batch, 3, height, width].</param>
    /// <param name="second">Another view of the same images.</param>
    public Tensor Loss(Tensor first, Tensor second)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor z1 = encoder.forward(first), z2 = encoder.forward(second);
        Tensor forwards = functional.cosine_similarity(predictor.forward(z1), z2.detach(), dim: 1).mean();
        Tensor backwards = functional.cosine_similarity(predictor.forward(z2), z1.detach(), dim: 1).mean();
        using Scalar half = -0.5f;
        return ((forwards + backwards) * half).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input) => predictor.forward(encoder.forward(input));
}

using TorchSharp;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>Learning to predict one view of an image from another: the loss of SimSiam, from −1 to 1, and no classes.</summary>
/// <remarks>Source: Chen and He 2021; Pogodin et al. 2024, Appendix (self-supervised).</remarks>
public sealed class SelfSupervisedTask : TrainingTask
{
    private readonly SimSiam network;
    private readonly ImageSet images;
    private readonly int[] which;
    private readonly ImageInput input;
    private readonly RandomSource evaluation;

    /// <summary>A task.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">The set.</param>
    /// <param name="which">The images of the set to learn from; null for all.</param>
    /// <param name="input">What the network takes.</param>
    /// <param name="random">The stream of the views that <see cref="Evaluate"/> takes, the same each time.</param>
    public SelfSupervisedTask(SimSiam network, ImageSet images, int[]? which, ImageInput input, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(random);
        (this.network, this.images, this.input, evaluation) = (network, images, input, random.Fork("evaluation"));
        this.which = which ?? [.. Enumerable.Range(0, images.Count)];
    }

    /// <summary>How views are made.</summary>
    public ImageAugmentation Augmentation { get; init; } = new();

    /// <inheritdoc/>
    public override int Count => which.Length;

    /// <inheritdoc/>
    public override bool HasClasses => false;

    /// <inheritdoc/>
    public override BatchLoss Loss(ReadOnlySpan<int> items, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        using DisposeScope scope = NewDisposeScope();
        Tensor first = View(items, random.Fork("first view")), second = View(items, random.Fork("second view"));
        return new BatchLoss(network.Loss(first, second).MoveToOuterDisposeScope(), 0);
    }

    /// <inheritdoc/>
    /// <remarks>Over one pair of views of each image, the same pairs each time.</remarks>
    public override (double Loss, double Accuracy) Evaluate()
    {
        const int Batch = 128;
        bool training = network.training;
        network.eval();
        using IDisposable still = no_grad();
        double loss = 0;
        int[] all = [.. Enumerable.Range(0, Count)];
        for (int start = 0; start < Count; start += Batch)
        {
            ReadOnlySpan<int> items = all.AsSpan(start, Math.Min(Batch, Count - start));
            using DisposeScope scope = NewDisposeScope();
            loss += Loss(items, evaluation.Fork("batch", (ulong)start)).Loss.item<float>() * items.Length;
        }

        network.train(training);
        return (loss / Count, double.NaN);
    }

    private Tensor View(ReadOnlySpan<int> items, RandomSource random)
    {
        int[] indices = new int[items.Length];
        for (int k = 0; k < indices.Length; k++)
        {
            indices[k] = which[items[k]];
        }

        return ImageBatches.Views(images, indices, input, Augmentation, random);
    }
}

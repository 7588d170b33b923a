using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SynapticGeometry.Networks;

/// <summary>What one batch gave.</summary>
/// <param name="Loss">Mean loss over the batch, a scalar with its graph.</param>
/// <param name="Correct">Number of images whose class was told right; 0 without classes.</param>
public readonly record struct BatchLoss(Tensor Loss, int Correct);

/// <summary>What a network is trained for: a number of items and the loss of a batch of them.</summary>
public abstract class TrainingTask : IDisposable
{
    /// <summary>Number of items.</summary>
    public abstract int Count { get; }

    /// <summary>True where items have classes, so that there is an accuracy.</summary>
    public abstract bool HasClasses { get; }

    /// <summary>Forward pass and loss of a batch.</summary>
    /// <param name="items">Which, from 0 to <see cref="Count"/> − 1.</param>
    /// <param name="random">The batch's own stream, for views drawn at random.</param>
    public abstract BatchLoss Loss(ReadOnlySpan<int> items, RandomSource random);

    /// <summary>Mean loss over all items, and the share told right (NaN without classes), without learning.</summary>
    public abstract (double Loss, double Accuracy) Evaluate();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the tensors that the task keeps.</summary>
    /// <param name="disposing">True where it is asked for.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Classes of images: cross-entropy, in nats an image.</summary>
public sealed class ClassificationTask : TrainingTask
{
    // A task of few images is passed over hundreds of times: then its images are made once and kept, 64 MB at most.
    private const long MostKept = 1L << 24;

    private readonly Module<Tensor, Tensor> network;
    private readonly ImageSet images;
    private readonly int[] which;
    private readonly ImageInput input;
    private Tensor? kept;

    /// <summary>A task.</summary>
    /// <param name="network">Gives a number for each class.</param>
    /// <param name="images">The set.</param>
    /// <param name="which">The images of the set to learn; null for all.</param>
    /// <param name="input">What the network takes.</param>
    /// <param name="classes">Number of classes of the network.</param>
    /// <exception cref="Data.DataFileException">A label is beyond the classes.</exception>
    public ClassificationTask(Module<Tensor, Tensor> network, ImageSet images, int[]? which, ImageInput input, int classes)
    {
        ArgumentNullException.ThrowIfNull(images);
        (this.network, this.images, this.input) = (network, images, input);
        this.which = which ?? [.. Enumerable.Range(0, images.Count)];
        foreach (int index in this.which)
        {
            if (images.Label(index) >= classes)
            {
                throw new Data.DataFileException($"{images.Name}: image {index} has label {images.Label(index)}; the network has {classes} classes, 0 to {classes - 1}.");
            }
        }
    }

    /// <inheritdoc/>
    public override int Count => which.Length;

    /// <inheritdoc/>
    public override bool HasClasses => true;

    /// <inheritdoc/>
    public override BatchLoss Loss(ReadOnlySpan<int> items, RandomSource random)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor labels = ImageBatches.Labels(images, Indices(items)), output = network.call(Images(items));
        int correct = (int)output.detach().argmax(1).eq(labels).sum().item<long>();
        return new BatchLoss(functional.cross_entropy(output, labels).MoveToOuterDisposeScope(), correct);
    }

    /// <inheritdoc/>
    /// <remarks>Normalisations use their running means.</remarks>
    public override (double Loss, double Accuracy) Evaluate()
    {
        const int Batch = 500;
        bool training = network.training;
        network.eval();
        using IDisposable still = no_grad();
        double loss = 0;
        long correct = 0;
        int[] all = [.. Enumerable.Range(0, Count)];
        RandomSource unused = new(0);
        for (int start = 0; start < Count; start += Batch)
        {
            ReadOnlySpan<int> items = all.AsSpan(start, Math.Min(Batch, Count - start));
            using DisposeScope scope = NewDisposeScope();
            BatchLoss batch = Loss(items, unused);
            loss += batch.Loss.item<float>() * items.Length;
            correct += batch.Correct;
        }

        network.train(training);
        return (loss / Count, (double)correct / Count);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        kept?.Dispose();
        kept = null;
        base.Dispose(disposing);
    }

    private Tensor Images(ReadOnlySpan<int> items)
    {
        if ((long)Count * images.Values > MostKept)
        {
            return ImageBatches.Images(images, Indices(items), input);
        }

        kept ??= ImageBatches.Images(images, which, input).DetachFromDisposeScope();
        long[] places = new long[items.Length];
        for (int k = 0; k < places.Length; k++)
        {
            places[k] = items[k];
        }

        return kept.index_select(0, tensor(places));
    }

    private int[] Indices(ReadOnlySpan<int> items)
    {
        int[] indices = new int[items.Length];
        for (int k = 0; k < indices.Length; k++)
        {
            indices[k] = which[items[k]];
        }

        return indices;
    }
}

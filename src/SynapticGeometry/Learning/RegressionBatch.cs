using System.Numerics.Tensors;

namespace SynapticGeometry;

/// <summary>One of several weight vectors that learn from the same data.</summary>
internal sealed class RegressionColumn
{
    private readonly MirrorDescent<double> descent;

    public RegressionColumn(Potential potential, double rate, int epochs, double momentum, ReadOnlySpan<double> initial)
    {
        (Rate, Epochs, Weights) = (rate, epochs, initial.ToArray());
        descent = new MirrorDescent<double>(potential, initial.Length, new MirrorDescentOptions { Momentum = momentum });
    }

    public double Rate { get; }

    public int Epochs { get; }

    public double[] Weights { get; }

    /// <summary>The loss in the last epoch, before its step; the last finite one where it diverged.</summary>
    public double Loss { get; private set; } = double.MaxValue;

    /// <summary>The epoch in which it diverged, from 1; 0 where it did not.</summary>
    public int DivergedAt { get; private set; }

    public bool Done => DivergedAt > 0 || descent.Steps == Epochs;

    /// <summary>Takes the step of an epoch, unless the loss, or the step, is out of bounds.</summary>
    public void Step(double loss, double bound, ReadOnlySpan<double> gradient)
    {
        Loss = double.IsFinite(loss) ? loss : Loss;
        if (!(loss <= bound) || !TensorPrimitives.IsFiniteAll(gradient))
        {
            DivergedAt = (int)descent.Steps + 1;
            return;
        }

        try
        {
            descent.Step(Weights, gradient, LearningRateSchedules.Cosine(Rate, descent.Steps, Epochs));
        }
        catch (ArgumentOutOfRangeException)
        {
            // The step leaves the range of numbers, which is what diverging is; weights are of no more use.
            DivergedAt = (int)descent.Steps + 1;
        }
    }

    /// <summary>Takes note of the loss after the last step.</summary>
    public void End(double loss, double bound) => DivergedAt = loss <= bound ? DivergedAt : Epochs;
}

/// <summary>Trains several weight vectors on one data set, with one pass over the data an epoch.</summary>
internal static class RegressionBatch
{
    // A loss so many times that of the labels alone has diverged.
    private const double Bound = 1e6;

    /// <summary>Trains until every column is done.</summary>
    /// <param name="data">The data.</param>
    /// <param name="columns">Columns that have not begun.</param>
    /// <param name="progress">Told each epoch; null for none.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void Train(LinearRegressionData data, IReadOnlyList<RegressionColumn> columns, Action<RegressionProgress>? progress, CancellationToken cancellation)
    {
        FloatMatrix w = new(columns.Count, data.Weights, FewColumns.VectorGroup), g = new(columns.Count, data.Weights, FewColumns.VectorGroup);
        double[] loss = new double[columns.Count], gradient = new double[data.Weights];
        int longest = columns.Max(c => c.Epochs);
        RegressionColumn[] open = [.. columns];
        for (int epoch = 1; open.Length > 0; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();
            Losses(open);
            for (int c = 0; c < open.Length; c++)
            {
                TensorPrimitives.ConvertTruncating<float, double>(g.Row(c), gradient);
                open[c].Step(loss[c], Bound, gradient);
            }

            progress?.Invoke(new RegressionProgress(epoch, longest, open.Min(c => c.Loss), open.Max(c => c.Loss), (double)epoch / longest));
            open = [.. open.Where(c => !c.Done)];
        }

        // No epoch follows the last step to show what it did.
        RegressionColumn[] ended = [.. columns.Where(c => c.DivergedAt == 0)];
        Losses(ended);
        for (int c = 0; c < ended.Length; c++)
        {
            ended[c].End(loss[c], Bound);
        }

        void Losses(RegressionColumn[] some)
        {
            for (int c = 0; c < some.Length; c++)
            {
                TensorPrimitives.ConvertTruncating<double, float>(some[c].Weights, w.Row(c));
            }

            if (some.Length > 0)
            {
                FewColumns.LossAndGradient(data.Inputs, data.Labels, w, some.Length, g, loss);
            }
        }
    }
}

namespace SynapticGeometry;

/// <summary>The measurement error as given, or as parameters of a model.</summary>
/// <param name="Given">The error, or the start of its estimate; an additive part of 0 stays 0.</param>
/// <param name="Estimated">Whether it is estimated.</param>
internal readonly record struct ErrorParameters(MeasurementError Given, bool Estimated)
{
    /// <summary>The parameters to estimate, none where the error is given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The error is negative, not finite, or zero.</exception>
    public static IReadOnlyList<ModelParameter> Of(MeasurementError error, bool estimated)
    {
        error.MustBeValid();
        if (error.IsNone)
        {
            throw new ArgumentOutOfRangeException(nameof(error), error, "A model with measurement error needs an error above 0; sizes without error are the exact model's.");
        }

        var relative = new ModelParameter(ModelParameter.Error, ParameterScale.Logarithmic, 1e-4, 3, "τ, standard deviation of the relative error of one measurement");
        var absolute = new ModelParameter(
            ModelParameter.AbsoluteError, ParameterScale.Logarithmic, Math.Max(error.Absolute * 1e-3, double.Epsilon), Math.Max(error.Absolute * 1e3, 1), "standard deviation of the additive error of one measurement, in the unit of the sizes");
        return !estimated ? [] : error.Absolute > 0 ? [relative, absolute] : [relative];
    }

    /// <summary>The error at the parameters of the measurement.</summary>
    public MeasurementError At(ReadOnlySpan<double> values) =>
        !Estimated ? Given : new MeasurementError(values[0], values.Length > 1 ? values[1] : 0);

    /// <summary>Starting values: the error given, as many times as the repeated measurements of a size differ by it.</summary>
    public double[] Start(LongitudinalSizes sizes)
    {
        if (!Estimated)
        {
            return [];
        }

        double ratio = 0;
        int count = 0;
        foreach (LongitudinalSizes set in new[] { sizes, sizes.Controls }.OfType<LongitudinalSizes>())
        {
            foreach ((double before, double after) in set.RepeatedPairs())
            {
                ratio += (after - before) * (after - before) / (Given.Variance(before + sizes.LogUnit) + Given.Variance(after + sizes.LogUnit));
                count++;
            }
        }

        MeasurementError start = count > 0 && ratio > 0 ? Given.Scaled(Math.Sqrt(ratio / count)) : Given;
        return Given.Absolute > 0 ? [Math.Max(start.Relative, 1e-3), start.Absolute] : [start.Relative];
    }

    /// <summary>Mean variance of a log change that is error.</summary>
    public double ChangeVariance(LongitudinalSizes sizes)
    {
        double sum = 0;
        int count = 0;
        foreach ((double before, double after) in sizes.ConsecutivePairs())
        {
            sum += Given.Variance(before + sizes.LogUnit) + Given.Variance(after + sizes.LogUnit);
            count++;
        }

        return count > 0 ? sum / count : 0;
    }

    /// <summary>Why the error cannot be estimated from the data, or null.</summary>
    public string? Refuses(LongitudinalSizes sizes) =>
        Estimated && sizes.Controls is null && sizes.Epochs == sizes.Sessions && sizes.Epochs < 3
            ? "The measurement error can only be estimated from controls, repeated measurements, or three sessions and more, and there are none."
            : null;
}

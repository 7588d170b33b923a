namespace SynapticGeometry.Reporting;

/// <summary>What is known about a measurement, in words.</summary>
internal static class MeasurementWords
{
    /// <summary>Name of a likelihood.</summary>
    public static string Method(MeasurementMethod method) => method switch
    {
        MeasurementMethod.SmallChange => "small-change",
        MeasurementMethod.LatentSize => "latent-size",
        _ => "exact",
    };

    /// <summary>Where the error comes from.</summary>
    public static string Source(ErrorSource source) => source switch
    {
        ErrorSource.None => "sizes taken as exact",
        ErrorSource.Given => "as given",
        ErrorSource.Controls => "estimated from repeated measurements, together with the geometry",
        _ => "not known",
    };

    /// <summary>What becomes of synapses below the detection limit.</summary>
    public static string Vanished(VanishedSynapses vanished) => vanished switch
    {
        VanishedSynapses.Recorded => "recorded: they count as changes to below the limit",
        VanishedSynapses.NotRecorded => "not recorded: likelihoods are of sizes given that they are above the limit",
        _ => "ignored: they do not enter",
    };

    /// <summary>How far the exponent moves from the estimate under other assumptions; null where none gave an estimate.</summary>
    public static string? Movement(InferenceResult result)
    {
        SensitivityRow[] rows = [.. (result.Measurement?.Sensitivity ?? []).Where(r => r.Estimate is not null)];
        if (rows.Length == 0)
        {
            return null;
        }

        double main = result.Exponent.Estimate;
        SensitivityRow farthest = rows.MaxBy(r => Math.Abs(r.Estimate!.Value - main))!;
        int decimals = Numbers.Decimals(result.Exponent.RobustStandardError);
        double moved = Math.Abs(farthest.Estimate!.Value - main), relative = moved / result.Exponent.RobustStandardError;
        string size = double.IsFinite(relative) ? $", {Numbers.Fixed(relative, 1)} robust standard errors" : string.Empty;
        return $"Over all assumptions tried the exponent lies between {Numbers.Fixed(rows.Min(r => r.Estimate!.Value), decimals)} and {Numbers.Fixed(rows.Max(r => r.Estimate!.Value), decimals)}; "
            + $"it moves farthest from {Numbers.Fixed(main, decimals)}, by {Numbers.Fixed(moved, decimals)}{size}, for “{farthest.Label}”.";
    }
}

namespace SynapticGeometry;

/// <summary>Times as numbers of time steps.</summary>
internal static class StepCount
{
    /// <summary>The most steps of a run: sixteen years in steps of 0.5 ms, and far below where counts or times would lose a step to rounding.</summary>
    public const double Most = 1e12;

    /// <summary>The nearest whole number of steps.</summary>
    /// <param name="time">s.</param>
    /// <param name="timeStep">dt, s.</param>
    /// <param name="what">What takes so long, for the message.</param>
    /// <param name="parameter">The parameter.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than <see cref="Most"/>.</exception>
    public static long Of(double time, double timeStep, string what, string parameter)
    {
        double steps = Math.Round(time / timeStep);
        return Math.Abs(steps) <= Most
            ? (long)steps
            : throw new ArgumentOutOfRangeException(parameter, $"The {what} is {time} s, {steps:G4} steps of {timeStep} s; at most {Most:G4} are possible.");
    }
}

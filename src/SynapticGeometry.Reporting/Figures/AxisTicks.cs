using System.Globalization;

namespace SynapticGeometry.Reporting;

/// <summary>A tick of an axis.</summary>
/// <param name="Position">Where it stands, in the coordinates of the axis.</param>
/// <param name="Label">Its label; empty for a minor tick.</param>
public readonly record struct AxisTick(double Position, string Label);

/// <summary>How an axis is divided.</summary>
public enum AxisScale
{
    /// <summary>Round numbers.</summary>
    Linear,

    /// <summary>The coordinate is log₁₀ of the quantity, the labels are the quantity: decades, or 1-2-5 where few decades are shown.</summary>
    Log10,
}

/// <summary>One axis of a panel. ScottPlot has no logarithmic axes: those hold log₁₀ of the quantity and are labelled with the quantity.</summary>
public sealed class FigureAxis
{
    /// <summary>Its label, with the unit.</summary>
    public string Label { get; set; } = string.Empty;

    /// <summary>How it is divided where <see cref="Ticks"/> are not given.</summary>
    public AxisScale Scale { get; set; }

    /// <summary>Ticks where told, or null.</summary>
    public IReadOnlyList<AxisTick>? Ticks { get; set; }

    /// <summary>The ticks between two limits.</summary>
    /// <param name="low">Lower limit.</param>
    /// <param name="high">Upper limit.</param>
    /// <param name="room">About how many labels have room.</param>
    internal IReadOnlyList<AxisTick> Between(double low, double high, double room) =>
        Ticks is { } given ? [.. given.Where(t => t.Position >= low && t.Position <= high)]
        : Scale == AxisScale.Log10 ? AxisTicks.Log10(low, high, room)
        : AxisTicks.Linear(low, high, room);
}

/// <summary>Places of ticks and their labels.</summary>
public static class AxisTicks
{
    /// <summary>Ticks at round numbers, 1, 2 or 5 times a power of ten apart.</summary>
    /// <param name="low">Lower limit.</param>
    /// <param name="high">Upper limit.</param>
    /// <param name="room">About how many labels have room.</param>
    public static IReadOnlyList<AxisTick> Linear(double low, double high, double room)
    {
        if (!(high > low) || !double.IsFinite(high - low))
        {
            return [];
        }

        double stride = Stride((high - low) / Math.Max(1.5, room));
        List<AxisTick> ticks = [];
        double slack = 1e-6 * (high - low);
        for (double k = Math.Ceiling((low - slack) / stride); k * stride <= high + slack && ticks.Count < 100; k++)
        {
            ticks.Add(new AxisTick(k * stride, Label(Clean(k * stride, stride))));
        }

        return ticks;
    }

    /// <summary>Ticks of an axis whose coordinate is log₁₀ of the quantity.</summary>
    /// <param name="low">Lower limit of log₁₀.</param>
    /// <param name="high">Upper limit of log₁₀.</param>
    /// <param name="room">About how many labels have room.</param>
    public static IReadOnlyList<AxisTick> Log10(double low, double high, double room)
    {
        double decades = high - low;
        if (!(decades > 0) || !double.IsFinite(decades))
        {
            return [];
        }

        if (decades < 0.35)
        {
            return Fine(low, high, room);
        }

        int step = Math.Max(1, (int)Math.Ceiling(decades / Math.Max(1, room)));
        int[] labelled = decades * 3 <= room && decades >= 0.9 || (decades >= 0.9 && decades < 2) ? [1, 2, 5]
            : decades < 0.9 ? room / decades > 16 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : [1, 2, 3, 5, 7]
            : [1];
        List<AxisTick> ticks = [];
        for (int decade = (int)Math.Floor(low); decade <= Math.Floor(high + 1e-9) && ticks.Count < 1000; decade++)
        {
            for (int digit = 1; digit < 10; digit++)
            {
                double position = decade + Math.Log10(digit);
                if (position < low - 1e-9 || position > high + 1e-9)
                {
                    continue;
                }

                if (Array.IndexOf(labelled, digit) >= 0 && (labelled.Length > 1 || decade % step == 0))
                {
                    ticks.Add(new AxisTick(position, Label(digit * Math.Pow(10, decade))));
                }
                else if (digit == 1 || step <= 2)
                {
                    ticks.Add(new AxisTick(position, string.Empty));
                }
            }
        }

        return ticks;
    }

    /// <summary>A number as a tick label: "0.25", "−3", "2·10⁵".</summary>
    /// <param name="value">A finite number.</param>
    public static string Label(double value)
    {
        double size = Math.Abs(value);
        if (size < 1e-300)
        {
            return "0";
        }

        if (size is >= 0.99999e-4 and < 0.99999e6)
        {
            return Minus(value.ToString("0.########", CultureInfo.InvariantCulture));
        }

        int decade = (int)Math.Floor(Math.Log10(size) + 1e-9);
        double mantissa = Math.Round(value / Math.Pow(10, decade), 6);
        string power = "10" + Superscript(decade);
        return mantissa switch
        {
            1 => power,
            -1 => "−" + power,
            _ => Minus(mantissa.ToString("0.######", CultureInfo.InvariantCulture)) + "·" + power,
        };
    }

    /// <summary>A whole number in superscript digits.</summary>
    /// <param name="value">Any whole number.</param>
    public static string Superscript(int value) => string.Concat(
        value.ToString(CultureInfo.InvariantCulture).Select(c => c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c - '0']));

    // Less than a third of a decade: evenly spaced round values of the quantity, at their logarithms.
    private static List<AxisTick> Fine(double low, double high, double room)
    {
        double from = Math.Pow(10, low), to = Math.Pow(10, high);
        return [.. Linear(from, to, Math.Min(room, 5)).Where(t => t.Position > 0).Select(t => t with { Position = Math.Log10(t.Position) })];
    }

    private static double Stride(double least)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(least)));
        double ratio = least / unit;
        return unit * (ratio <= 1.000001 ? 1 : ratio <= 2.000001 ? 2 : ratio <= 5.000001 ? 5 : 10);
    }

    // k · 0.1 is not a round number in binary; its label shall be one.
    private static double Clean(double value, double stride)
    {
        int decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(stride)), 0, 15);
        return decimals == 15 ? value : Math.Round(value, decimals);
    }

    private static string Minus(string text) => text.Replace('-', '−');
}

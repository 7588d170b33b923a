using System.Runtime.CompilerServices;

namespace SynapticGeometry;

/// <summary>A running sum that keeps what rounding drops, as accurate as if added in twice the precision.</summary>
/// <remarks>Source: Neumaier 1974.</remarks>
internal struct CompensatedSum
{
    private double sum;
    private double lost;

    /// <summary>The sum so far.</summary>
    public readonly double Value => sum + lost;

    /// <summary>Adds <paramref name="term"/>, a finite number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double term)
    {
        // Knuth's exact error of one addition, without a branch.
        double next = sum + term;
        double back = next - sum;
        lost += (sum - (next - back)) + (term - back);
        sum = next;
    }
}

namespace SynapticGeometry.Tests.Learning;

/// <summary>
/// Mirror descent as it is documented, weight by weight in double precision, written again for comparison: buffer = momentum · buffer +
/// (1 − dampening) · (gradient + decay · weight), the first time that gradient itself; the dual weight moves by −rate · direction.
/// </summary>
internal sealed class PlainDescent(string potential, int count)
{
    private readonly double[] buffer = new double[count];
    private bool moved;

    public double Momentum { get; init; }

    public double Dampening { get; init; }

    public bool Nesterov { get; init; }

    public double WeightDecay { get; init; }

    public void Step(double[] w, double[] gradient, double rate)
    {
        for (int i = 0; i < w.Length; i++)
        {
            double direction = gradient[i] + (WeightDecay * w[i]);
            if (Momentum > 0)
            {
                buffer[i] = moved ? (Momentum * buffer[i]) + ((1 - Dampening) * direction) : direction;
                direction = Nesterov ? direction + (Momentum * buffer[i]) : buffer[i];
            }

            w[i] = Move(w[i], -rate * direction);
        }

        moved = true;
    }

    private double Move(double w, double by)
    {
        switch (potential)
        {
            case "negative-entropy":
                // sign(w) (ln|w| + 1) moves: the size is multiplied.
                return w * Math.Exp(Math.Sign(w) * by);
            case "hypentropy:0.1":
                return 0.1 * Math.Sinh(Math.Asinh(w / 0.1) + by);
            default:
                double p = double.Parse(potential, System.Globalization.CultureInfo.InvariantCulture);
                double dual = (Math.Sign(w) * Math.Pow(Math.Abs(w), p - 1)) + by;
                return Math.Sign(dual) * Math.Pow(Math.Abs(dual), 1 / (p - 1));
        }
    }
}

using SynapticGeometry.Reporting;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters;
using static SynapticGeometry.Papers.Kreutzer2022.Parameters.Flow;

namespace SynapticGeometry.Papers.Kreutzer2022;

/// <summary>Fig. 2: gradient flows on an isotropic and on a stretched cost.</summary>
internal sealed class Figure2() : KreutzerFigure("2")
{
    private const int Starts = 8, Points = 121;
    private const double Radius = 1;

    public override string Title => "Euclidean gradients follow the shape of the cost, natural gradients go straight to its minimum";

    public override string Source => Citation("Fig. 2, a schematic; here the cost near the target weights of a neuron with two afferents, ½ Δwᵀ G Δw");

    public override IReadOnlyList<FigureExperiment> Experiments => [new("cost", Cost), new("flows", Flows)];

    public override IReadOnlyList<PaperPanel> Panels =>
    [
        new('A', "Coordinates in which the cost is isotropic", ["cost", "flows"], (p, d) => Draw(p, d, stretched: 0)),
        new('B', "The same cost in somatic weights", ["cost", "flows"], (p, d) => Draw(p, d, stretched: 1)),
    ];

    public override IReadOnlyList<FigureClaim> Claims =>
    [
        new("Where the cost is isotropic the Euclidean flow goes straight to the minimum.", "largest detour of a path: its length over the straight distance, less 1", ["flows"], d => Detour(d, stretched: 0, natural: 0)) { AtMost = 1e-6 },
        new("Where the cost is stretched the Euclidean flow makes a detour.", "largest detour of a path", ["flows"], d => Detour(d, stretched: 1, natural: 0)) { AtLeast = 0.05 },
        new("The natural flow goes straight to the minimum of the stretched cost.", "largest detour of a path", ["flows"], d => Detour(d, stretched: 1, natural: 1)) { AtMost = 1e-6 },
    ];

    protected override double RowHeight => 93;

    public override IReadOnlyList<FigureParameter> Parameters(FigureScale scale) =>
    [
        .. Neuron,
        new("rates", string.Join(", ", Rates), "Hz"),
        new("target weights", string.Join(", ", Target)),
        new("cost", "½ Δwᵀ G Δw, G the Fisher metric at the target", "1/s"),
        new("A: coordinates", "Lᵀ Δw with G = L Lᵀ"),
    ];

    // G = L Lᵀ at the target weights, by rows.
    private static (double[] Metric, double L11, double L21, double L22) Metric()
    {
        double[] g = new double[4];
        new FisherGeometry(Transfer, Kernel, Rates).Metric(Target, g);
        double l11 = Math.Sqrt(g[0]), l21 = g[2] / l11;
        return (g, l11, l21, Math.Sqrt(g[3] - (l21 * l21)));
    }

    // Δw at coordinates u = Lᵀ Δw.
    private static (double X, double Y) Weights(double u, double v)
    {
        (_, double l11, double l21, double l22) = Metric();
        double y = v / l22;
        return ((u - (l21 * y)) / l11, y);
    }

    // Half the width of the panel: a little beyond the contour that the paths start on.
    private static double Extent(int stretched) => 1.15 * (stretched == 0
        ? Radius
        : Enumerable.Range(0, 360).Select(k => Weights(Radius * Math.Cos(k * Math.PI / 180), Radius * Math.Sin(k * Math.PI / 180))).Max(p => Math.Max(Math.Abs(p.X), Math.Abs(p.Y))));

    private static FigureTable Cost(FigureRun run)
    {
        (double[] g, _, _, _) = Metric();
        List<double> stretched = [], x = [], y = [], cost = [];
        for (int s = 0; s < 2; s++)
        {
            double[] axis = Grid(-Extent(s), Extent(s), Points);
            foreach (double b in axis)
            {
                foreach (double a in axis)
                {
                    stretched.Add(s);
                    x.Add(a);
                    y.Add(b);
                    cost.Add(s == 0 ? 0.5 * ((a * a) + (b * b)) : 0.5 * ((g[0] * a * a) + (2 * g[1] * a * b) + (g[3] * b * b)));
                }
            }
        }

        return new FigureTable("cost", new("stretched", "1", [.. stretched]), new("x", "1", [.. x]), new("y", "1", [.. y]), new("cost", "1/s", [.. cost]));
    }

    private static FigureTable Flows(FigureRun run)
    {
        List<double>[] columns = [.. Enumerable.Range(0, 5).Select(_ => new List<double>())];
        (double[] g, _, _, _) = Metric();
        for (int k = 0; k < Starts; k++)
        {
            double angle = 2 * Math.PI * (k + 0.5) / Starts, u = Radius * Math.Cos(angle), v = Radius * Math.Sin(angle);
            Follow(0, 0, k, (u, v), p => (-p.X, -p.Y));
            Follow(1, 0, k, Weights(u, v), p => (-(g[0] * p.X) - (g[1] * p.Y), -(g[2] * p.X) - (g[3] * p.Y)));
            Follow(1, 1, k, Weights(u, v), p => Natural(g, p));
        }

        return new FigureTable(
            "flows",
            new("stretched", "1", [.. columns[0]]), new("natural", "1", [.. columns[1]]), new("path", "1", [.. columns[2]]),
            new("x", "1", [.. columns[3]]), new("y", "1", [.. columns[4]]));

        void Follow(int stretched, int natural, int path, (double X, double Y) from, Func<(double X, double Y), (double X, double Y)> flow)
        {
            foreach ((double X, double Y) p in Path(from, flow))
            {
                columns[0].Add(stretched);
                columns[1].Add(natural);
                columns[2].Add(path);
                columns[3].Add(p.X);
                columns[4].Add(p.Y);
            }
        }
    }

    // −G⁻¹ ∇C, by the library.
    private static (double X, double Y) Natural(double[] g, (double X, double Y) p)
    {
        double[] gradient = [-(g[0] * p.X) - (g[1] * p.Y), -(g[2] * p.X) - (g[3] * p.Y)];
        new FisherGeometry(Transfer, Kernel, Rates).Raise(Target, gradient, gradient);
        return (gradient[0], gradient[1]);
    }

    // Equal lengths of path, by Runge and Kutta's method, until a hundredth of the distance is left.
    private static List<(double X, double Y)> Path((double X, double Y) from, Func<(double X, double Y), (double X, double Y)> flow)
    {
        double distance = Math.Sqrt((from.X * from.X) + (from.Y * from.Y)), step = distance / 400;
        List<(double X, double Y)> path = [from];
        (double X, double Y) p = from;
        for (int k = 0; k < 4000 && Math.Sqrt((p.X * p.X) + (p.Y * p.Y)) > 0.01 * distance; k++)
        {
            (double X, double Y) a = Unit(p), b = Unit(Ahead(p, a, step / 2)), c = Unit(Ahead(p, b, step / 2)), d = Unit(Ahead(p, c, step));
            p = (p.X + (step * (a.X + (2 * b.X) + (2 * c.X) + d.X) / 6), p.Y + (step * (a.Y + (2 * b.Y) + (2 * c.Y) + d.Y) / 6));
            if (k % 4 == 3)
            {
                path.Add(p);
            }
        }

        path.Add(p);
        return path;

        static (double X, double Y) Ahead((double X, double Y) p, (double X, double Y) v, double t) => (p.X + (t * v.X), p.Y + (t * v.Y));

        (double X, double Y) Unit((double X, double Y) at)
        {
            (double x, double y) = flow(at);
            double length = Math.Sqrt((x * x) + (y * y));
            return (x / length, y / length);
        }
    }

    private static double Detour(FigureData data, int stretched, int natural)
    {
        FigureTable flows = data["flows"].Where("stretched", s => s == stretched).Where("natural", n => n == natural);
        return Enumerable.Range(0, Starts).Max(k =>
        {
            FigureTable path = flows.Where("path", p => p == k);
            double[] x = path["x"], y = path["y"];
            double length = Enumerable.Range(1, x.Length - 1).Sum(i => Distance(x[i] - x[i - 1], y[i] - y[i - 1]));
            return (length / Distance(x[^1] - x[0], y[^1] - y[0])) - 1;
        });

        static double Distance(double dx, double dy) => Math.Sqrt((dx * dx) + (dy * dy));
    }

    private static void Draw(FigurePanel panel, FigureData data, int stretched)
    {
        FigureTable cost = data["cost"].Where("stretched", s => s == stretched), flows = data["flows"].Where("stretched", s => s == stretched);
        double[] axis = [.. cost["x"].Take(Points)];
        panel.Label(stretched == 0 ? "u₁" : "Δw₁, afferent at 10 Hz", stretched == 0 ? "u₂" : "Δw₂, afferent at 50 Hz");
        foreach (double level in new[] { 0.05, 0.15, 0.3, 0.5 })
        {
            (double[] x, double[] y) = ContourLines.At(axis, axis, cost["cost"], level);
            panel.Line(x, y, panel.Style.Quiet, level == 0.05 ? "equal cost" : null, width: panel.Style.ThinWidth);
        }

        for (int natural = 0; natural <= stretched; natural++)
        {
            FigureTable kind = flows.Where("natural", n => n == natural);
            ScottPlot.Color color = natural == 1 ? OkabeIto.Vermilion : OkabeIto.Blue;
            for (int k = 0; k < Starts; k++)
            {
                FigureTable path = kind.Where("path", p => p == k);
                panel.Line(path["x"], path["y"], color, k == 0 ? natural == 1 ? "natural" : "Euclidean" : null);
                int middle = (int)(0.4 * path.Rows);
                panel.Arrow((path["x"][middle - 5], path["y"][middle - 5]), (path["x"][middle], path["y"][middle]), color);
            }
        }

        panel.Markers([0], [0], OkabeIto.Black);
        panel.Plot.Axes.SetLimits(axis[0], axis[^1], axis[0], axis[^1]);
    }
}

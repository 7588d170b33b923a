using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>
/// One hidden layer, "hidden", and a linear read-out, "fc". Where it is signed (Dale's principle), pixels and hidden neurons are
/// excitatory or inhibitory, with signs in the buffers "input_sign" and "hidden_sign", rates are rectified and biases start at 0.
/// </summary>
internal sealed class Perceptron : Network
{
    private readonly Linear hidden;
    private readonly Linear fc;
    private readonly Nonlinearity nonlinearity;
    private readonly bool signed;

    public Perceptron(string name, NetworkOptions options, RandomSource random, bool signed)
        : base(name, options.Input ?? new ImageShape(1, 28, 28), options.Classes, readOut: "fc")
    {
        this.signed = signed;
        nonlinearity = signed ? Nonlinearity.Relu : options.Nonlinearity;
        hidden = nn.Linear(Input.Values, options.Hidden);
        fc = nn.Linear(options.Hidden, options.Classes);
        register_module("hidden", hidden);
        register_module("fc", fc);
        if (!signed)
        {
            Initialization.Apply(this, random);
            return;
        }

        var signs = new DaleSigns(this, Input.Values, options.Hidden, options.ExcitatoryFraction, random);

        // A rectified neuron passes on half the power of its input.
        signs.Draw("hidden.weight", hidden.weight!, DaleSigns.InputBuffer, power: 2, random);
        signs.Draw("fc.weight", fc.weight!, DaleSigns.HiddenBuffer, power: 1, random);
        Initialization.Fill(hidden.bias, 0);
        Initialization.Fill(fc.bias, 0);
    }

    public override IReadOnlyList<SignedColumns> SignedColumns => signed
        ? [DaleSigns.Of(this, "hidden.weight", DaleSigns.InputBuffer), DaleSigns.Of(this, "fc.weight", DaleSigns.HiddenBuffer)]
        : [];

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: false);
        Tensor current = hidden.forward(input.flatten(1));
        return fc.forward(nonlinearity == Nonlinearity.Tanh ? current.tanh() : current.relu());
    }
}

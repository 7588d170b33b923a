using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SynapticGeometry.Networks;

/// <summary>
/// h(t) = tanh(W_ih x(t) + b_ih + W_hh h(t-1) + b_hh) from h(0) = 0, where x(t) is row t of the image, its channels side by side; a
/// linear read-out, "fc", of the last step. Parameters are named as torch.nn.RNN's, under "rnn". Where it is signed (Dale's
/// principle), inputs and neurons are excitatory or inhibitory, max(0, x) replaces tanh and biases start at 0.
/// </summary>
internal sealed class RecurrentNetwork : Network
{
    private readonly RNN rnn;
    private readonly Linear fc;
    private readonly bool signed;

    public RecurrentNetwork(string name, NetworkOptions options, RandomSource random, bool signed)
        : base(name, options.Input ?? new ImageShape(1, 28, 28), options.Classes, readOut: "fc")
    {
        this.signed = signed;
        int inputs = Input.Channels * Input.Width;
        rnn = nn.RNN(inputs, options.Hidden, nonLinearity: signed ? nn.NonLinearities.ReLU : nn.NonLinearities.Tanh, batchFirst: true);
        fc = nn.Linear(options.Hidden, options.Classes);
        register_module("rnn", rnn);
        register_module("fc", fc);
        if (!signed)
        {
            Initialization.Apply(this, random);
            return;
        }

        // The power of the recurrent weights is below the 2 at which rectified rates would grow from step to step.
        var signs = new DaleSigns(this, inputs, options.Hidden, options.ExcitatoryFraction, random);
        signs.Draw("rnn.weight_ih_l0", rnn.get_parameter("weight_ih_l0")!, DaleSigns.InputBuffer, power: 1, random);
        signs.Draw("rnn.weight_hh_l0", rnn.get_parameter("weight_hh_l0")!, DaleSigns.HiddenBuffer, power: 1, random);
        signs.Draw("fc.weight", fc.weight!, DaleSigns.HiddenBuffer, power: 1, random);
        Initialization.Fill(rnn.get_parameter("bias_ih_l0"), 0);
        Initialization.Fill(rnn.get_parameter("bias_hh_l0"), 0);
        Initialization.Fill(fc.bias, 0);
    }

    public override IReadOnlyList<SignedColumns> SignedColumns => signed
        ?
        [
            DaleSigns.Of(this, "rnn.weight_ih_l0", DaleSigns.InputBuffer),
            DaleSigns.Of(this, "rnn.weight_hh_l0", DaleSigns.HiddenBuffer),
            DaleSigns.Of(this, "fc.weight", DaleSigns.HiddenBuffer),
        ]
        : [];

    protected override bool IsPlastic(string name) => name == "rnn.weight_hh_l0";

    protected override Tensor Compute(Tensor input)
    {
        CheckImages(input, anySize: false);
        Tensor rows = input.transpose(1, 2).flatten(2);
        (_, Tensor last) = rnn.forward(rows, null);
        return fc.forward(last[0]);
    }
}

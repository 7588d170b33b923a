using System.Text.Json;
using SynapticGeometry.Data;
using SynapticGeometry.Tests.Networks;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class DaleNetworkTests : IDisposable
{
    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Theory]
    [InlineData("dale-rnn"), InlineData("dale-perceptron")]
    public async Task Signs_hold_through_pre_training_and_exponentiated_gradient_and_gradient_descent_breaks_them(string model)
    {
        NetworksHere.Require();
        string folder = line.PathOf("out");
        JsonElement[] networks = await Run(model, "--out", folder);
        Assert.All(networks, n => Assert.Equal(0, n.GetProperty("dale_violations_before").GetInt64()));
        Assert.All(networks, n => Assert.Equal(n.GetProperty("potential").GetString() == "negative-entropy", n.GetProperty("dale_violations_after").GetInt64() == 0));
        Assert.Contains("dale_violations_before,dale_violations_after", await File.ReadAllTextAsync(Path.Combine(folder, "networks.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("have the wrong sign before fine-tuning", await File.ReadAllTextAsync(Path.Combine(folder, "report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(new FileInfo(Path.Combine(folder, "figures", "dale.png")).Length > 1000);

        // No weight is 0 after pre-training: under negative entropy it would stay 0 for ever.
        using DataFile before = DataFiles.Open(Path.Combine(folder, "2-norm-seed1", "weights-before.safetensors"));
        Assert.DoesNotContain(0f, before.ReadNumbers(before.Names[0]).SingleValues!);
    }

    [Fact]
    public async Task Violations_are_counted_in_all_matrices_by_the_signs_of_the_network()
    {
        NetworksHere.Require();
        string folder = line.PathOf("out");
        JsonElement network = (await Run("dale-rnn", "--potential", "2-norm", "--keep-networks", "--out", folder))[0];
        using DataFile file = DataFiles.Open(Path.Combine(folder, "2-norm-seed1", "network.safetensors"));
        long wrong = new[] { ("rnn.weight_ih_l0", "input_sign"), ("rnn.weight_hh_l0", "hidden_sign"), ("fc.weight", "hidden_sign") }.Sum(m =>
        {
            float[] weights = file.ReadNumbers(m.Item1).SingleValues!, signs = file.ReadNumbers(m.Item2).SingleValues!;
            return weights.Select((w, i) => w * signs[i % signs.Length]).LongCount(v => v < 0);
        });
        Assert.True(wrong > 0);
        Assert.Equal(wrong, network.GetProperty("dale_violations_after").GetInt64());
    }

    [Fact]
    public async Task Projection_keeps_signs_under_every_potential()
    {
        NetworksHere.Require();
        Assert.All(await Run("dale-rnn", "--keep-signs"), n => Assert.Equal(0, n.GetProperty("dale_violations_after").GetInt64()));
    }

    [Fact]
    public async Task Networks_without_signs_have_no_violations_to_count()
    {
        NetworksHere.Require();
        Assert.All(await Run("rnn"), n => Assert.Equal(JsonValueKind.Null, n.GetProperty("dale_violations_after").ValueKind));
        Assert.DoesNotContain("wrong sign", line.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_normal_is_what_they_begin_with_and_other_starts_are_refused()
    {
        NetworksHere.Require();
        _ = await Run("dale-rnn", "--initial", "log-normal");
        Assert.Equal(2, await line.Run(Command("dale-rnn", "--initial", "normal")));
        Assert.Contains("--initial normal does not go with dale-rnn", line.Error, StringComparison.Ordinal);
        Assert.Equal(2, await line.Run(Command("dale-rnn", "--initial", "log-normal", "--positive", "0.7")));
        Assert.Contains("--positive does not go with dale-rnn", line.Error, StringComparison.Ordinal);
    }

    private string[] Command(string model, params string[] options) =>
        ["train", "--model", model, "--data", RowImages.Write(line.PathOf("images")), "--hidden", "20", "--images", "20", "--seeds", "1", "--pretraining", "2", "--epochs", "60", "--longest", "60", "--learning-rate", "0.1", "--json", "-", .. options];

    private async Task<JsonElement[]> Run(string model, params string[] options)
    {
        Assert.Equal(0, await line.Run(Command(model, options)));
        return [.. JsonDocument.Parse(line.Output).RootElement.GetProperty("networks").EnumerateArray()];
    }
}

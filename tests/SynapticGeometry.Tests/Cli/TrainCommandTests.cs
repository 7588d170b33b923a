using System.Text.Json;
using SynapticGeometry.Data;
using SynapticGeometry.Tests.Networks;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class TrainCommandTests : IDisposable
{
    private static readonly string[] Regression = ["train", "--weights", "400", "--samples-power", "0.5", "--seeds", "2", "--longest", "100"];

    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task The_linear_regression_needs_no_data_and_its_weights_tell_the_potential()
    {
        string folder = line.PathOf("linear");
        Assert.Equal(0, await line.Run([.. Regression, "--out", folder, "--json", "-"]));
        JsonElement root = JsonDocument.Parse(line.Output).RootElement;
        Assert.Equal("syngeo.train/1", root.GetProperty("schema").GetString());
        await JsonFields.MustBeDocumented(root, "train.md");
        JsonElement[] networks = [.. root.GetProperty("networks").EnumerateArray()];
        Assert.Equal(6, networks.Length);
        foreach (JsonElement network in networks)
        {
            double truth = network.GetProperty("potential").GetString() switch { "negative-entropy" => 0, "2-norm" => 1, _ => 2 };
            JsonElement[] interval = [.. network.GetProperty("exponent_told_ci95").EnumerateArray()];
            Assert.InRange(network.GetProperty("exponent_told").GetDouble(), truth - 0.25, truth + 0.25);
            Assert.True(interval[0].GetDouble() < interval[1].GetDouble());
            Assert.Equal(truth == 0, network.GetProperty("sign_changes").GetInt64() == 0);
        }

        Assert.All(
            new[] { "report.html", "result.json", "networks.csv", "tried.csv", "figures/training.svg", "figures/training.png", "figures/training.pdf", "3-norm-seed2/weights-after.safetensors" },
            f => Assert.True(new FileInfo(Path.Combine(folder, f)).Length > 100, f));
    }

    [Fact]
    public async Task What_infer_makes_of_the_weights_is_what_train_said()
    {
        string folder = line.PathOf("linear");
        Assert.Equal(0, await line.Run([.. Regression, "--out", folder, "--json", "-"]));
        double said = JsonDocument.Parse(line.Output).RootElement.GetProperty("networks")[2].GetProperty("exponent_told").GetDouble();
        string unit = Path.Combine(folder, "3-norm-seed1");
        Assert.Equal(0, await line.Run("infer", Path.Combine(unit, "weights-before.safetensors"), Path.Combine(unit, "weights-after.safetensors"), "--bootstrap", "0", "--json", "-"));
        Assert.Equal(said, JsonDocument.Parse(line.Output).RootElement.GetProperty("exponent").GetProperty("estimate").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task Networks_on_idx_images_are_trained_kept_and_gone_on_from()
    {
        NetworksHere.Require();
        string data = Images();
        string[] command = ["train", "--model", "rnn", "--data", data, "--hidden", "12", "--seeds", "1", "--pretraining", "2", "--epochs", "4", "--learning-rate", "1e-2,1e-1", "--checkpoint", line.PathOf("work")];
        Assert.Equal(0, await line.Run([.. command, "--out", line.PathOf("first"), "--json", "-", "--keep-networks"]));
        JsonElement first = JsonDocument.Parse(line.Output).RootElement;
        await JsonFields.MustBeDocumented(first, "train.md");
        Assert.Equal(3, first.GetProperty("networks").GetArrayLength());
        Assert.Equal(144, first.GetProperty("networks")[0].GetProperty("weights").GetInt64());
        Assert.True(File.Exists(Path.Combine(line.PathOf("first"), "2-norm-seed1", "network.safetensors")));

        Assert.Equal(0, await line.Run([.. command, "--json", "-"]));
        Assert.Equal(first.GetProperty("networks").ToString(), JsonDocument.Parse(line.Output).RootElement.GetProperty("networks").ToString());
        Assert.Contains("going on from", line.Error, StringComparison.Ordinal);
        Assert.Equal(2, await line.Run([.. command, "--seed", "2"]));
        Assert.Contains("another study", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told()
    {
        NetworksHere.Require();
        Assert.Equal(2, await line.Run("train", "--model", "rnn", "--data", line.PathOf("nowhere")));
        Assert.Contains("there is no such folder", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_to_start_from_is_checked_before_anything_is_trained()
    {
        NetworksHere.Require();
        string file = line.PathOf("weights.safetensors");
        SafetensorsWriter.Write(file, [new("rnn.weight_hh_l0", new NumericArray([3, 3], new float[9]))]);
        Assert.Equal(2, await line.Run("train", "--model", "rnn", "--data", Images(), "--hidden", "12", "--start", file));
        Assert.Contains("fc.weight", line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Did you mean resnet-18?", "--model", "resnet18x", "--data", "x")]
    [InlineData("needs images", "--model", "rnn")]
    [InlineData("goes with networks on images", "--keep-signs")]
    [InlineData("--momentum is 1", "--momentum", "1")]
    [InlineData("-1 is not positive", "--learning-rate", "1e-3,-1")]
    [InlineData("--longest is 50", "--longest", "50")]
    [InlineData("--seeds is 0", "--seeds", "0")]
    [InlineData("names a geometry twice", "--potential", "2,2-norm")]
    [InlineData("--epochs is 0", "--epochs", "0")]
    public async Task Bad_input_is_told_and_is_status_2(string message, params string[] options)
    {
        Assert.Equal(2, await line.Run(["train", .. options]));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rates_at_which_everything_diverges_are_told()
    {
        Assert.Equal(2, await line.Run([.. Regression, "--learning-rate", "1e5,1e6"]));
        Assert.Contains("diverged", line.Error, StringComparison.Ordinal);
    }

    private string Images() => RowImages.Write(line.PathOf("images"));
}

using System.Text.Json;
using SynapticGeometry.Data;
using SynapticGeometry.Tests.Networks;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class TrainOptionsTests : IDisposable
{
    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Fact]
    public async Task A_checkpoint_goes_with_the_contents_of_the_images_and_not_with_their_names()
    {
        NetworksHere.Require();
        string[] command = [.. Rnn(), "--checkpoint", line.PathOf("work")];
        Assert.Equal(0, await line.Run(command));
        string labels = Path.Combine(line.PathOf("images"), "t10k-labels-idx1-ubyte");
        byte[] bytes = await File.ReadAllBytesAsync(labels, TestContext.Current.CancellationToken);
        bytes[^1] = 0;
        await File.WriteAllBytesAsync(labels, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(2, await line.Run(command));
        Assert.Matches("another study.*There: images of fine-tuning: .*SHA-256 .*Here: images of fine-tuning: .*SHA-256", line.Error);
        Assert.DoesNotContain("going on from", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_of_idx_files_are_brought_to_the_size_asked_for()
    {
        // A recurrent network takes rows of a fixed length, and says what it was given.
        NetworksHere.Require();
        Assert.Equal(2, await line.Run([.. Rnn(), "--image-size", "32"]));
        Assert.Matches("32 (x|×) 32|32 by 32", line.Error);
        Assert.Equal(2, await line.Run([.. Rnn(), "--image-size", "31"]));
        Assert.Contains("--image-size is 31; it must be at least 32.", line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_goes_with_the_contents_of_the_weights_to_start_from()
    {
        NetworksHere.Require();
        Assert.Equal(0, await line.Run([.. Rnn(), "--keep-networks", "--out", line.PathOf("first")]));
        string start = line.PathOf("start.safetensors");
        File.Copy(Path.Combine(line.PathOf("first"), "2-norm-seed1", "network.safetensors"), start);
        string[] command = [.. Rnn(), "--start", start, "--checkpoint", line.PathOf("work")];
        Assert.Equal(0, await line.Run(command));
        Assert.Equal(0, await line.Run([.. Rnn("--seed", "2"), "--keep-networks", "--out", line.PathOf("second")]));
        File.Copy(Path.Combine(line.PathOf("second"), "2-norm-seed1", "network.safetensors"), start, overwrite: true);
        Assert.Equal(2, await line.Run(command));
        Assert.Contains("another study", line.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normal", 0.5), InlineData("normal", 0.9), InlineData("log-normal", 0.5), InlineData("log-normal", 0.2), InlineData("log-normal", 1)]
    public async Task Initial_weights_have_the_law_and_the_share_of_positive_ones_asked_for(string law, double share)
    {
        string folder = line.PathOf("out");
        Assert.Equal(0, await line.Run("train", "--weights", "4000", "--samples-power", "0.3", "--seeds", "1", "--potential", "2-norm", "--learning-rate", "1e-4", "--epochs", "1", "--longest", "1", "--initial", law, "--positive", FormattableString.Invariant($"{share}"), "--out", folder));
        using DataFile file = DataFiles.Open(Path.Combine(folder, "2-norm-seed1", "weights-before.safetensors"));
        double[] weights = file.ReadNumbers("weight").ToDouble();

        // Four standard errors: a false alarm in 16 000 tests.
        Assert.Equal(share, weights.Count(w => w > 0) / 4000.0, 4 * Math.Sqrt(0.25 / 4000));

        // E[w²] = 1/D for both. ln|w| has the skewness 0 where sizes are log-normal, and −1.54 where they are half-normal.
        Assert.Equal(1, weights.Sum(w => w * w), 0.25);
        double[] logs = [.. weights.Select(w => Math.Log(Math.Abs(w)))];
        double mean = logs.Average(), deviation = Math.Sqrt(logs.Average(l => Math.Pow(l - mean, 2))), skewness = logs.Average(l => Math.Pow((l - mean) / deviation, 3));
        Assert.Equal(law == "normal" ? -1.54 : 0, skewness, 0.35);
        Assert.Contains(law + (share == 0.5 ? " weights" : FormattableString.Invariant($" ({100 * share} % positive) weights")), line.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normal"), InlineData("log-normal")]
    public async Task Networks_begin_with_the_law_and_the_share_of_positive_weights_asked_for(string law)
    {
        NetworksHere.Require();
        string folder = line.PathOf("out");
        Assert.Equal(0, await line.Run(Rnn("--pretraining", "0", "--initial", law, "--positive", "0.9", "--hidden", "30", "--images", "20", "--out", folder)));
        using DataFile file = DataFiles.Open(Path.Combine(folder, "2-norm-seed1", "weights-before.safetensors"));
        float[] weights = file.ReadNumbers(file.Names[0]).SingleValues!;
        Assert.Equal(0.9, weights.Count(w => w > 0) / 900.0, 0.04);
        Assert.Equal(30, weights.Sum(w => w * w), 12f);
    }

    [Fact]
    public async Task Dampening_is_a_part_of_the_gradient_that_momentum_leaves_out()
    {
        NetworksHere.Require();

        // All of it: after the first step the direction is that of the first gradient, times the momentum.
        Assert.Equal(0, await line.Run([.. Rnn("--epochs", "3", "--longest", "3"), "--out", line.PathOf("without")]));
        Assert.Equal(0, await line.Run([.. Rnn("--epochs", "3", "--longest", "3"), "--dampening", "1", "--out", line.PathOf("with")]));
        Assert.NotEqual(After("without"), After("with"));
        Assert.Equal(2, await line.Run([.. Rnn(), "--dampening", "0.5", "--momentum", "0"]));
        Assert.Contains("--dampening goes with a --momentum above 0", line.Error, StringComparison.Ordinal);

        float[] After(string folder)
        {
            using DataFile file = DataFiles.Open(Path.Combine(line.PathOf(folder), "2-norm-seed1", "weights-after.safetensors"));
            return file.ReadNumbers(file.Names[0]).SingleValues!;
        }
    }

    [Fact]
    public async Task What_was_not_learned_and_a_best_rate_at_the_edge_are_warned_of()
    {
        NetworksHere.Require();
        Assert.Equal(0, await line.Run([.. Rnn("--learning-rate", "1e-7,1e-6"), "--out", line.PathOf("out"), "--json", line.PathOf("result.json")]));
        JsonElement[] warnings = [.. JsonDocument.Parse(await File.ReadAllTextAsync(line.PathOf("result.json"), TestContext.Current.CancellationToken)).RootElement.GetProperty("warnings").EnumerateArray()];
        Assert.Contains(warnings, w => w.GetString()!.Contains("Not all images were learned in 1 of 1 network (1 under 2-norm)", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.GetString()!.Contains("The best learning rate is the", StringComparison.Ordinal));
        Assert.Contains("Warning: Not all images were learned", line.Output, StringComparison.Ordinal);
        Assert.Contains("<strong>Warning:</strong> Not all images were learned", await File.ReadAllTextAsync(Path.Combine(line.PathOf("out"), "report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_of_one_are_told_in_the_singular()
    {
        Assert.Equal(0, await line.Run("train", "--weights", "100", "--seeds", "1", "--potential", "2-norm", "--learning-rate", "1e-3", "--epochs", "1", "--longest", "1"));
        Assert.Contains("1 pass, a learning rate of 0.001.", string.Join(' ', line.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("needs about .* GB of memory.*; there are", "--weights", "2000000000")]
    [InlineData("needs about .* GB of memory.*; there are", "--weights", "1000000", "--samples-power", "3")]
    [InlineData("--positive goes with --initial normal or --initial log-normal", "--positive", "0.8")]
    [InlineData(@"--positive is 1\.5; it must be from 0 to 1", "--positive", "1.5", "--initial", "normal")]
    [InlineData("--dampening goes with networks on images", "--dampening", "0.5")]
    public async Task What_cannot_be_is_told_at_once(string message, params string[] options)
    {
        Assert.Equal(2, await line.Run(["train", .. options]));
        Assert.Matches(message, line.Error);
    }

    private string[] Rnn(params string[] options)
    {
        string images = line.PathOf("images");
        if (!Directory.Exists(images))
        {
            RowImages.Write(images);
        }

        return ["train", "--model", "rnn", "--data", images, "--seeds", "1", "--potential", "2-norm", .. Unless("--hidden", "12"), .. Unless("--pretraining", "1"), .. Unless("--epochs", "1", "--longest", "1"), .. Unless("--learning-rate", "1e-2"), .. options];

        string[] Unless(params string[] standard) => options.Contains(standard[0]) || (options.Contains("--start") && standard[0] == "--pretraining") ? [] : standard;
    }
}

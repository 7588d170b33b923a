using SynapticGeometry.Tests.Networks;
using Xunit;

namespace SynapticGeometry.Tests.Cli;

public sealed class TrainDivergenceTests : IDisposable
{
    private readonly CommandLine line = new();

    public void Dispose() => line.Dispose();

    [Theory]
    [InlineData("--learning-rate", "1e20", "network 1, 2-norm, fine-tuning: Learning under 2-norm at a rate of 1e+20 diverged in batch 1 of 1 of pass 1 (seed 4)")]
    [InlineData("--pretraining-rate", "1e30", "network 1, pre-training: Learning under 2-norm at a rate of 1e+30 diverged in batch")]
    public async Task A_loss_that_is_finite_but_beyond_all_bounds_is_a_divergence(string option, string rate, string message)
    {
        NetworksHere.Require();
        Assert.Equal(2, await Run(option, rate));
        Assert.Contains(message, line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_every_rate_diverges_each_is_told_with_its_pass_and_batch()
    {
        NetworksHere.Require();
        Assert.Equal(2, await Run("--learning-rate", "1e15,1e20", "--epochs", "3", "--longest", "3", "--batch", "6"));
        Assert.Matches(@"network 1, 2-norm: learning diverged at every rate that was tried: 1e\+15 in batch \d of pass 1; 1e\+20 in batch \d of pass 1 \(seed 4\)", line.Error);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task The_state_of_the_last_good_pass_is_kept_with_a_checkpoint_and_without_one_it_is_said_how_to_keep_it(bool kept)
    {
        NetworksHere.Require();

        // By the decay alone weights become −9 times themselves in each of the first steps: it takes passes to be out of bounds.
        string[] options = ["--learning-rate", "0.01", "--weight-decay", "1000", "--momentum", "0", "--epochs", "20", "--longest", "20"];
        Assert.Equal(2, await Run(kept ? [.. options, "--checkpoint", line.PathOf("work")] : options));
        int pass = int.Parse(System.Text.RegularExpressions.Regex.Match(line.Error, @"of pass (\d+) \(seed 4\)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(pass > 1);
        string state = Path.Combine(line.PathOf("work"), "2-norm-seed1.work", "run-20.state");
        Assert.Contains(kept ? $"The state after pass {pass - 1}, the last good one, is in {state}." : $"The state after pass {pass - 1}, the last good one, is not kept; with --checkpoint DIR it would be.", line.Error, StringComparison.Ordinal);
        Assert.Equal(kept, File.Exists(state));
    }

    [Fact]
    public async Task The_linear_regression_tells_where_each_rate_diverged()
    {
        Assert.Equal(2, await line.Run("train", "--weights", "100", "--seeds", "1", "--potential", "2-norm", "--learning-rate", "1,1e20", "--epochs", "50", "--longest", "50", "--seed", "4"));
        Assert.Matches(@"diverged under 2-norm: 1 in pass [2-9]; 1E\+20 in pass 2 of 50.* \(search, seed 4\)", line.Error);
    }

    [Fact]
    public async Task The_linear_regression_does_not_end_with_weights_that_its_last_step_has_blown_up()
    {
        Assert.Equal(2, await line.Run("train", "--weights", "100", "--seeds", "1", "--potential", "2-norm", "--learning-rate", "1e15", "--epochs", "1", "--longest", "1"));
        Assert.Contains("1E+15 in pass 1 of 1", line.Error, StringComparison.Ordinal);
    }

    private Task<int> Run(params string[] options) => line.Run(
        ["train", "--model", "rnn", "--data", RowImages.Write(line.PathOf("images")), "--hidden", "12", "--seeds", "1", "--seed", "4", "--potential", "2-norm", "--pretraining", "1", .. options.Contains("--epochs") ? [] : new[] { "--epochs", "1", "--longest", "1" }, .. options.Contains("--learning-rate") ? [] : new[] { "--learning-rate", "1e-2" }, .. options]);
}

using Xunit;

namespace SynapticGeometry.Tests;

/// <summary>Names of potentials on the command line.</summary>
public sealed class PotentialParseTests
{
    [Theory]
    [InlineData("negative-entropy"), InlineData("burg-entropy"), InlineData("hypentropy:0.1"), InlineData("hypentropy:1E-12")]
    [InlineData("1.5-norm"), InlineData("2-norm"), InlineData("1.0000000000000002-norm"), InlineData("10-norm"), InlineData("1E+22-norm")]
    public void A_name_is_read_back(string name)
    {
        Assert.Equal(name, Potential.Parse(name).Name);
        Assert.Equal(name, Potential.Parse(name).ToString());
    }

    [Theory]
    [InlineData("1.5", "1.5-norm"), InlineData(" 3 ", "3-norm"), InlineData("Negative-Entropy", "negative-entropy")]
    public void A_bare_power_and_capitals_are_understood(string text, string name) => Assert.Equal(name, Potential.Parse(text).Name);

    [Theory]
    [InlineData("negativ-entropy", "negative-entropy"), InlineData("neg", "negative-entropy"), InlineData("burg", "burg-entropy")]
    [InlineData("hypentropy", "hypentropy:0.1"), InlineData("hyper:0.1", "hypentropy:0.1"), InlineData("1.5norm", "1.5-norm")]
    public void An_unknown_name_gets_the_closest_and_the_list(string text, string closest)
    {
        string message = Assert.Throws<FormatException>(() => Potential.Parse(text)).Message;

        Assert.Contains($"No geometry is named \"{text}\"; did you mean {closest}?", message, StringComparison.Ordinal);
        Assert.Contains("Allowed are negative-entropy, burg-entropy, hypentropy:BETA", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1"), InlineData("0.5-norm"), InlineData("-2"), InlineData("hypentropy:0"), InlineData("hypentropy:-1")]
    [InlineData("hypentropy:x"), InlineData("NaN"), InlineData("Infinity"), InlineData(""), InlineData("1,5")]
    public void A_number_that_makes_no_potential_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Potential.Parse(text));
}

using System.Reflection;
using System.Text;
using SynapticGeometry.Data;
using SynapticGeometry.Networks;
using SynapticGeometry.Papers;
using SynapticGeometry.Reporting;
using Xunit;

namespace SynapticGeometry.Tests.Docs;

/// <summary>The public interface is as recorded: no member appears, changes or goes by accident.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_as_recorded()
    {
        string file = Path.Combine(SharedFiles.Repository, "tests", "SynapticGeometry.Tests", "Docs", "PublicApi.txt");
        string actual = Describe(typeof(Potential).Assembly) + Describe(typeof(DataFile).Assembly) + Describe(typeof(FigureSheet).Assembly) + Describe(typeof(PaperFigure).Assembly)
            + Describe(typeof(LibTorch).Assembly);
        if (Environment.GetEnvironmentVariable("SYNGEO_RENEW") == "1")
        {
            File.WriteAllText(file, actual);
        }

        string recorded = File.ReadAllText(file).ReplaceLineEndings("\n");
        string[] gone = [.. recorded.Split('\n').Except(actual.Split('\n'))], come = [.. actual.Split('\n').Except(recorded.Split('\n'))];
        Assert.True(
            gone.Length + come.Length == 0,
            $"Gone: {string.Join("; ", gone)}\nNew: {string.Join("; ", come)}\nIf this is meant, run the tests with SYNGEO_RENEW=1.");
    }

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().Where(t => !IsRazor(t)).OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(assembly.GetName().Name).Append(": ").Append(Kind(type)).Append(' ').Append(type.FullName).Append('\n');
            IEnumerable<string> members = type
                .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(m => m is not MethodInfo { IsSpecialName: true } && m is not Type && !m.Name.Contains('<', StringComparison.Ordinal) && !IsRecordPlumbing(m))
                .Select(m => $"{type.FullName}: {m}")
                .Order(StringComparer.Ordinal);
            text.AppendJoin('\n', members).Append('\n');
        }

        return text.ToString();
    }

    private static string Kind(Type type) =>
        type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct"
        : (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : string.Empty) + "class";

    // Razor components must be public to the compiler; they are not meant to be called.
    private static bool IsRazor(Type type) => typeof(Microsoft.AspNetCore.Components.ComponentBase).IsAssignableFrom(type);

    private static bool IsRecordPlumbing(MemberInfo member) =>
        member.Name is "Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "PrintMembers" or "EqualityContract" or "op_Equality" or "op_Inequality";
}

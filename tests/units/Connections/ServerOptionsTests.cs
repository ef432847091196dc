namespace LeoPS.Units.Connections;

public sealed class ServerOptionsTests
{
    [Theory]
    [InlineData(null, "", null)]
    [InlineData("  ", "", null)]
    [InlineData("-c work_mem=7MB", "work_mem=7MB", null)]
    [InlineData("-cwork_mem=7MB --search-path=a,b -c x.y=", "work_mem=7MB|search_path=a,b|x.y=", null)]
    [InlineData(@"-c search_path=a\ b\\c", @"search_path=a b\c", null)]
    [InlineData("reference=abc", "", "reference=abc")]
    [InlineData(@"project=a\ b -c a=1 -d 3", "a=1", @"project=a\ b -d 3")]
    [InlineData("-c", "", "-c")]
    [InlineData("-c nothing", "", "-c nothing")]
    [InlineData("--=x", "", "--=x")]
    public void What_sets_a_parameter_is_told_from_the_rest(string? options, string settings, string? rest)
    {
        ServerOptions read = ServerOptions.Read(options);
        Assert.Equal(settings, string.Join('|', read.Settings.Select(s => $"{s.Key}={s.Value}")));
        Assert.Equal(rest, read.Rest);
    }
}

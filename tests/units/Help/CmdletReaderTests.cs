using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.Units.Help;

public sealed class CmdletReaderTests
{
    private static readonly CmdletMetadata Sample = CmdletReader.Read(typeof(SetSampleCommand));

    [Fact]
    public void The_cmdlet_attribute_is_read()
    {
        Assert.Equal(("Set-Sample", "InputObject", true), (Sample.Name, Sample.DefaultSet, Sample.SupportsShouldProcess));
        Assert.Equal(["LeoPS.LeoException", "System.String", "LeoPS.Summary"], Sample.OutputTypes);
    }

    [Fact]
    public void Parameters_come_in_order_with_the_inherited_and_without_the_hidden() =>
        Assert.Equal(
            ["Force", "Id", "InputObject", "Level", "LockTimeout", "Note", "Status", "Confirm", "WhatIf"],
            Sample.Parameters.Select(parameter => parameter.Name));

    [Fact]
    public void The_default_set_is_the_first() => Assert.Equal(["InputObject", "Id"], Sample.Sets);

    [Fact]
    public void A_cmdlet_without_named_sets_has_one() =>
        Assert.Equal([CmdletMetadata.AllSets], CmdletReader.Read(typeof(GetSampleCommand)).Sets);

    [Fact]
    public void A_set_lists_by_position_then_the_mandatory_then_the_rest() =>
        Assert.Equal(
            ["Status", "Note", "Id", "Force", "Level", "LockTimeout", "Confirm", "WhatIf"],
            Sample.ParametersOf("Id").Select(parameter => parameter.Name));

    [Fact]
    public void Uses_differ_by_set()
    {
        ParameterMetadata note = Named("Note");
        Assert.Equal(new ParameterUse(false, 1, false, false, false), note.UseIn("Id"));
        Assert.Equal(new ParameterUse(false, null, false, true, false), note.UseIn("InputObject"));
        Assert.Null(Named("Id").UseIn("InputObject"));
    }

    [Fact]
    public void Aliases_values_types_and_wildcards_are_read()
    {
        Assert.Equal(["Text", "Memo"], Named("Note").Aliases);
        Assert.True(Named("Note").Wildcards);
        Assert.Equal(["Low", "High"], Named("Level").AcceptedValues);
        Assert.Equal(Enum.GetNames<HandoffStatus>(), Named("Status").AcceptedValues);
        Assert.Equal(["Guid[]", "TimeSpan", "SwitchParameter"], new[] { "Id", "LockTimeout", "Force" }.Select(name => Named(name).TypeName));
    }

    [Fact]
    public void All_cmdlets_of_an_assembly_are_found() =>
        Assert.Equal(
            ["Change-Everything", "Get-Sample", "Set-Sample"],
            CmdletReader.ReadAll(typeof(SetSampleCommand).Assembly).Select(cmdlet => cmdlet.Name));

    [Fact]
    public void A_class_without_the_attribute_is_refused() =>
        Assert.Throws<ArgumentException>(() => CmdletReader.Read(typeof(SampleCmdlet)));

    [Theory]
    [InlineData(typeof(int?), "Int32")]
    [InlineData(typeof(DateTimeOffset[]), "DateTimeOffset[]")]
    [InlineData(typeof(Dictionary<string, int[]>), "Dictionary[String,Int32[]]")]
    public void Types_are_shortened(Type type, string expected) => Assert.Equal(expected, TypeNames.Short(type));

    private static ParameterMetadata Named(string name) => Sample.Parameters.Single(parameter => parameter.Name == name);
}

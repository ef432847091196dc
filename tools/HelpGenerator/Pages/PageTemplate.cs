using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>The first form of a page for a cmdlet that has none.</summary>
public static class PageTemplate
{
    /// <summary>A page whose texts are still to be written; SYNTAX and PARAMETERS are filled in by <see cref="PageUpdater"/>.</summary>
    public static MarkdownDocument Create(CmdletMetadata cmdlet, string moduleName)
    {
        ArgumentNullException.ThrowIfNull(cmdlet);
        string inputs = Types(cmdlet.Parameters
            .Where(parameter => parameter.Uses.Values.Any(use => use.FromPipeline))
            .Select(parameter => TypeNames.Element(parameter.Type).FullName!));
        string outputs = Types(cmdlet.OutputTypes);
        return MarkdownDocument.Parse(
            $"""
            ---
            external help file: {moduleName}.dll-Help.xml
            Module Name: {moduleName}
            online version:
            schema: 2.0.0
            ---

            # {cmdlet.Name}

            ## SYNOPSIS

            {PageUpdater.Todo}

            ## SYNTAX

            ## DESCRIPTION

            {PageUpdater.Todo}

            ## EXAMPLES

            ### Example 1: {PageUpdater.Todo}

            ```powershell
            {cmdlet.Name}
            ```

            {PageUpdater.Todo}

            ### Example 2: {PageUpdater.Todo}

            ```powershell
            {cmdlet.Name}
            ```

            {PageUpdater.Todo}

            ## PARAMETERS

            ### CommonParameters

            This cmdlet supports the common parameters: -Debug, -ErrorAction, -ErrorVariable, -InformationAction,
            -InformationVariable, -OutBuffer, -OutVariable, -PipelineVariable, -ProgressAction, -Verbose,
            -WarningAction and -WarningVariable. See about_CommonParameters.

            ## INPUTS

            {inputs}

            ## OUTPUTS

            {outputs}

            ## NOTES

            ## ERRORS

            - `{PageUpdater.Todo}`: {PageUpdater.Todo}

            ## RELATED LINKS
            """);
    }

    private static string Types(IEnumerable<string> names)
    {
        var distinct = names.Distinct().ToList();
        return distinct.Count == 0
            ? "### None"
            : string.Join("\n\n", distinct.Select(name => $"### {name}\n\n{PageUpdater.Todo}"));
    }
}

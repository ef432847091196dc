namespace LeoPS.Units.Help;

/// <summary>A page as a person writes it, with what Markdown can do to a parser.</summary>
internal static class SamplePage
{
    public const string Text = """
        ---
        external help file: LeoPS.dll-Help.xml
        Module Name: LeoPS
        online version: https://example.org/Set-Sample
        schema: 2.0.0
        ---

        # Set-Sample

        ## SYNOPSIS
        Sets a sample.

        ## SYNTAX

        ### Old
        ```
        Set-Sample -Gone
        ```

        ## DESCRIPTION

        Moves `exec_handoff_preparations` rows, **one by one**
        or [in bulk](Get-Sample.md). See [the site](https://example.org/a_b).

        - first, with SD-* and X-* kept
          and continued
        - second \<escaped\>

        | from | to |
        |---|---|
        | `a` | b |

        ## EXAMPLES

        ### Example 1: Move everything

        ```powershell
        # not a heading
        Get-Sample |
            Set-Sample Ready
        ```

        The objects come out:

        ```output
        ## Id
        1 < 2 & "3"
        ```

        ### Example 2: Move one

        Say which.

        ```powershell
        Set-Sample Ready -Id $id
        ```

        ## PARAMETERS

        ### -Status

        The status to move to.

        A second paragraph.

        ```yaml
        Type: Wrong
        Default value: Preparing
        ```

        ### -Note

        A note.

        ```powershell
        -Note 'kept code'
        ```

        ### CommonParameters

        The usual.

        ## INPUTS

        ### System.Object

        Anything with an `Id`.

        ## OUTPUTS

        ### LeoPS.LeoException

        The first.

        ### System.String

        ### LeoPS.Summary

        With `-Summary`.

        ## NOTES

        A note of its own.

        ## ERRORS

        - `NotFound`: no visible row has the id.
        - `RowLocked`: wait, or raise `-LockTimeout`.

        ## RELATED LINKS

        [Get-Sample](Get-Sample.md)

        - [PostgreSQL](https://www.postgresql.org/docs/)
        """;
}

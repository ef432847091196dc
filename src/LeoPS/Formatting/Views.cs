using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace LeoPS.Formatting;

/// <summary>
/// Gives a runspace the views of LeoPS.Format.ps1xml when its first cmdlet runs. As a part of the import they would cost as
/// much as all the rest of it, since PowerShell then builds every view it has; nothing of ours is shown before a cmdlet ran.
/// </summary>
internal static class Views
{
    private static readonly ConditionalWeakTable<Runspace, object> _loaded = [];
    private static readonly object _mark = new();

    /// <param name="tell">Receives a line where it is not possible.</param>
    public static void Load(Action<string> tell)
    {
        Runspace runspace = Runspace.DefaultRunspace;
        if (!_loaded.TryAdd(runspace, _mark))
        {
            return;
        }

        string module = Path.GetDirectoryName(Path.GetDirectoryName(typeof(Views).Assembly.Location)!)!;
        using var update = PowerShell.Create(RunspaceMode.CurrentRunspace);
        update.AddCommand(@"Microsoft.PowerShell.Utility\Update-FormatData")
            .AddParameter("PrependPath", Path.Combine(module, "LeoPS.Format.ps1xml"))
            .AddParameter("WhatIf", false)
            .AddParameter("Confirm", false)
            .AddParameter("Verbose", false);
        try
        {
            update.Invoke();
        }
        catch (CommandNotFoundException hidden)
        {
            // A constrained session may hide Update-FormatData: objects then look plain, and work all the same.
            tell($"the views of LeoPS are not loaded: {hidden.Message}");
        }
    }
}

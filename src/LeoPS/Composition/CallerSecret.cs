using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;

namespace LeoPS.Composition;

/// <summary>A secret from a vault of the user's, by the Get-Secret of his session. Not a record: ToString would show it.</summary>
internal sealed class CallerSecret
{
    private const string Command = "Get-Secret";

    private CallerSecret(string? userName, string text)
    {
        UserName = userName;
        Text = text;
    }

    /// <summary>The user's name, where the secret is a credential; null otherwise.</summary>
    public string? UserName { get; }

    /// <summary>The password, or whatever else the secret is.</summary>
    public string Text { get; }

    /// <summary>Fetches a secret.</summary>
    /// <param name="cmdlet">The cmdlet in whose session it is fetched.</param>
    /// <param name="name">The secret's name.</param>
    /// <param name="vault">The vault; null for the default one.</param>
    /// <exception cref="LeoException">ConnectionFailed where it cannot be had.</exception>
    public static CallerSecret Fetch(PSCmdlet cmdlet, string name, string? vault)
    {
        string shown = $"'{Redaction.Redact(name)}'{(vault is null ? "" : $" of vault '{Redaction.Redact(vault)}'")}";
        CommandInfo command = cmdlet.InvokeCommand.GetCommand(Command, CommandTypes.Cmdlet | CommandTypes.Function) ?? throw Failed(
            shown, $"there is no {Command} in this session; Install-Module Microsoft.PowerShell.SecretManagement brings it");
        var arguments = new Hashtable { ["Name"] = name, ["ErrorAction"] = ActionPreference.Stop };
        if (vault is not null)
        {
            arguments["Vault"] = vault;
        }

        object?[] values;
        try
        {
            values = [.. cmdlet.InvokeCommand.InvokeScript(true, ScriptBlock.Create("$command, $arguments = $args; & $command @arguments"), null, command, arguments)];
        }
        catch (RuntimeException refused) when (refused is not PipelineStoppedException)
        {
            throw Failed(shown, refused.Message.TrimEnd('.'));
        }

        return values switch
        {
            [PSObject { BaseObject: SecureString text }] => new CallerSecret(null, new NetworkCredential("", text).Password),
            [PSObject { BaseObject: string text }] => new CallerSecret(null, text),
            [PSObject { BaseObject: PSCredential credential }] => new CallerSecret(credential.UserName, credential.GetNetworkCredential().Password),
            [] or [null] => throw Failed(shown, "there is no such secret"),
            _ => throw Failed(shown, "it is neither one text nor a credential"),
        };
    }

    private static LeoException Failed(string shown, string reason) =>
        new(LeoErrorId.ConnectionFailed, $"The secret {shown} could not be used: {reason}. Get-SecretInfo lists those that there are.");
}

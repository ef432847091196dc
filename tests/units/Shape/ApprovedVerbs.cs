using System.Management.Automation;
using System.Reflection;

namespace LeoPS.Units.Shape;

/// <summary>The verbs that PowerShell approves.</summary>
internal static class ApprovedVerbs
{
    /// <summary>Every approved verb.</summary>
    public static readonly IReadOnlySet<string> All = new[]
        {
            typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther),
            typeof(VerbsSecurity),
        }
        .SelectMany(group => group.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(field => (string)field.GetRawConstantValue()!)
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>The verbs whose cmdlets change nothing in the database. Every other verb writes, and so must support -WhatIf and -Confirm.</summary>
    public static readonly IReadOnlySet<string> Reading = new HashSet<string>(StringComparer.Ordinal)
    {
        "Get", "Test", "Measure", "Watch", "Wait", "Connect", "Disconnect",
    };
}

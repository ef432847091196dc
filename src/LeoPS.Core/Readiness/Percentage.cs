using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace LeoPS.Readiness;

/// <summary>Reads a percentage as people write it.</summary>
internal static partial class Percentage
{
    /// <summary>
    /// 85, 85.5, "85%", "85,5 percent"; between 0 and 1 a share, so that 0.85 is 85. Exactly 1 without a sign is refused: it may be
    /// one percent or all of it.
    /// </summary>
    /// <param name="value">A JSON value.</param>
    /// <param name="percent">0 to 100.</param>
    /// <returns>Why it is none, as the end of a sentence; null where it is one.</returns>
    public static string? Read(object? value, out decimal percent)
    {
        bool signed = false;
        decimal? number = value switch
        {
            long integer => integer,
            decimal exact => exact,
            double real when Math.Abs(real) < 1e9 => (decimal)real,
            double or BigInteger => decimal.MaxValue,
            string text => OfText(text, out signed),
            _ => null,
        };
        percent = number is > 0 and < 1 && !signed ? number.Value * 100 : number ?? 0;
        return number switch
        {
            null => value is string text ? $"is {Prose.Quote(text)}, which is no percentage" : $"is {JsonEvidence.Kind(value)}",
            1 when !signed => "is 1, which may be one percent or all of it",
            < 0 or > 100 => "is not between 0 and 100",
            _ => null,
        };
    }

    private static decimal? OfText(string text, out bool signed)
    {
        Match match = Written().Match(text);
        signed = match.Groups["sign"].Success;
        return match.Success
            ? decimal.Parse(match.Groups["number"].Value.Replace(',', '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : null;
    }

    [GeneratedRegex(@"^\s{0,9}(?<number>-?[0-9]{1,9}([.,][0-9]{1,15})?)\s{0,3}(?<sign>%|percent|pct)?\s{0,9}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, -1)]
    private static partial Regex Written();
}

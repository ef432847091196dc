using System.Globalization;

namespace LeoPS.Units.Handoffs;

/// <summary>Runs code as on the machine of a user whose culture writes times, numbers and signs in another way.</summary>
internal static class Elsewhere
{
    public static T Run<T>(Func<T> code)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.DateTimeFormat.TimeSeparator = ".";
        culture.DateTimeFormat.DateSeparator = "/";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "−";
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            return code();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}

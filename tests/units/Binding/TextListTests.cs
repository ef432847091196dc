using System.Globalization;
using LeoPS.Binding;

namespace LeoPS.Units.Binding;

public sealed class TextListTests
{
    [Fact]
    public void A_number_is_the_same_text_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            // Made here: under invariant globalization every culture of the machine has a point.
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = commas;
            Assert.Equal("1.5 2.25 x", string.Join(' ', TextList.Of(new object[] { 1.5, 2.25m, "x" })!));
            Assert.Equal("0.5", Assert.Single(TextList.Of(0.5)!));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}

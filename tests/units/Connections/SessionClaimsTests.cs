using System.Text.Json;

namespace LeoPS.Units.Connections;

public sealed class SessionClaimsTests
{
    private const string Secret = "geheim@example.org";
    private static readonly Guid User = Guid.Parse("5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01");

    [Fact]
    public void The_same_claims_are_equal_and_so_are_settings_that_hold_them()
    {
        var user = Guid.NewGuid();
        ConnectionSettings As(Guid id) => new() { Claims = SessionClaims.Of("""{"org": 1}""", id, "authenticated") };

        Assert.Equal(As(user), As(user));
        Assert.Equal(As(user).GetHashCode(), As(user).GetHashCode());
        Assert.NotEqual(As(user), As(Guid.NewGuid()));
        Assert.NotEqual(As(user), new ConnectionSettings());
    }

    [Fact]
    public void Nothing_said_is_nothing_set() => Assert.Null(SessionClaims.Of(null, null, null));

    [Theory]
    [InlineData(null, true, null, """{"sub":"5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01"}""", null)]
    [InlineData(null, true, "authenticated", """{"sub":"5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01","role":"authenticated"}""", "authenticated")]
    [InlineData(null, false, "anon", """{"role":"anon"}""", "anon")]
    [InlineData("""{"role": "authenticated", "aal": "aal2", "n": 1.50}""", true, null, """{"sub":"5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01","role":"authenticated","aal":"aal2","n":1.50}""", "authenticated")]
    [InlineData("""{"SUB": "5A0C7E52-9D0E-4F7B-8A35-6D1F0F4F1C01", "Role": "a"}""", false, "a", """{"sub":"5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01","role":"a"}""", "a")]
    [InlineData("""{"sub": null, "role": null, "x": {"sub": 1}}""", false, null, """{"x":{"sub": 1}}""", null)]
    [InlineData("{}", false, null, "{}", null)]
    public void What_is_said_is_put_together(string? json, bool withUser, string? role, string expected, string? expectedRole)
    {
        SessionClaims claims = SessionClaims.Of(json, withUser ? User : null, role)!;
        Assert.Equal(JsonSerializer.Serialize(JsonDocument.Parse(expected)), JsonSerializer.Serialize(JsonDocument.Parse(claims.Json)));
        Assert.Equal(expectedRole, claims.Role);
        Assert.Equal(expected.Contains($"\"{User}\"", StringComparison.Ordinal) ? User : null, claims.UserId);
    }

    [Fact]
    public void Quotes_and_backslashes_of_a_role_stay_what_they_are()
    {
        const string Role = """a"b\c';--$$""";
        SessionClaims claims = SessionClaims.Of(null, null, Role)!;
        Assert.Equal(Role, JsonDocument.Parse(claims.Json).RootElement.GetProperty("role").GetString());
    }

    [Theory]
    [InlineData("[]", null, "JSON object")]
    [InlineData("geheim@example.org", null, "not JSON")]
    [InlineData("\"geheim@example.org\"", null, "JSON object")]
    [InlineData("""{"sub": "geheim@example.org"}""", null, "GUID")]
    [InlineData("""{"sub": 4}""", null, "claim sub is not a text")]
    [InlineData("""{"sub": "00000000-0000-0000-0000-000000000001"}""", null, "another user than -UserId")]
    [InlineData("""{"role": "geheim@example.org"}""", "anon", "another one than -Role")]
    [InlineData("""{"role": "geheim@example.org", "Role": "b"}""", null, "there twice")]
    [InlineData("""{"role": ["geheim@example.org"]}""", null, "claim role is not a text")]
    public void A_contradiction_is_refused_without_repeating_a_claim(string json, string? role, string reason)
    {
        LeoException error = Assert.Throws<LeoException>(() => SessionClaims.Of(json, User, role));
        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_shows_them()
    {
        SessionClaims claims = SessionClaims.Of($$"""{"email": "{{Secret}}"}""", User, null)!;
        Assert.DoesNotContain(Secret, claims.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(claims), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, new ConnectionSettings { Claims = claims }.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(new LeoConnection("c", new ConnectionSettings { Claims = claims }, new FakeDatabase())), StringComparison.Ordinal);
        Assert.Equal(User, new LeoConnection("c", new ConnectionSettings { Claims = claims }, new FakeDatabase()).UserId);
    }
}

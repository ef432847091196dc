using LeoPS.Composition;

namespace LeoPS.Units.Connections;

public sealed class ConnectionRegistryTests
{
    [Fact]
    public void Connections_without_a_name_that_are_made_at_once_have_one_each_and_stay_open()
    {
        var settings = new ConnectionSettings { Host = $"{Guid.NewGuid():N}.example", Database = "leo" };
        using var together = new Barrier(8);
        var connections = new LeoConnection[8 * 50];
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(t => new Thread(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                together.SignalAndWait();
                connections[(t * 50) + i] = ConnectionRegistry.AddFree(settings, new FakeDatabase());
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        AssertEach.Of(connections, c => Assert.Same(c, ConnectionRegistry.Find(c.Name)));
        AssertEach.Of(connections, c => Assert.True(c.IsOpen));
    }
}

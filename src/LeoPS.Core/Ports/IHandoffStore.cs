namespace LeoPS.Ports;

/// <summary>exec_handoff_preparations.</summary>
public interface IHandoffStore
{
}

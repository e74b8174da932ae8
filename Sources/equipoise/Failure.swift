import ArgumentParser
import Experiments
import Reporting
import RunRecords

/// An error that has an exit status after sysexits.
protocol ExitStatusError: Error {
  var exitStatus: Int32 { get }
}

extension ConfigurationError: ExitStatusError {}
extension RecordError: ExitStatusError {}

/// Does a command's work; an error of ours becomes one line on standard error and its exit status.
func exitingOnFailure(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as any ExitStatusError {
    Console.note("equipoise: \(TerminalText.neutralized("\(error)"))")
    throw ExitCode(error.exitStatus)
  } catch let error as ExitCode {
    throw error
  } catch {
    Console.note("equipoise: internal error: \(TerminalText.neutralized("\(error)")). Please report it.")
    throw ExitCode(70)
  }
}

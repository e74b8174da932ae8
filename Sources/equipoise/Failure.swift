import AdversarialGame
import ArgumentParser
import Experiments
import ModelFiles
import Reporting
import RunRecords
import TabularData

/// An error that has an exit status after sysexits.
protocol ExitStatusError: Error {
  var exitStatus: Int32 { get }
}

extension ConfigurationError: ExitStatusError {}
extension RecordError: ExitStatusError {}

extension DataError: ExitStatusError {
  var exitStatus: Int32 {
    switch kind {
    case .badData: 65
    case .noInput: 66
    case .cannotCreate: 73
    case .inputOutput: 74
    }
  }
}

extension ModelFileError: ExitStatusError {
  var exitStatus: Int32 {
    switch kind {
    case .badData: 65
    case .noInput: 66
    }
  }
}

extension GameError: ExitStatusError {
  // The data and the configuration together lead there; neither alone is wrong.
  var exitStatus: Int32 { 65 }
}

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

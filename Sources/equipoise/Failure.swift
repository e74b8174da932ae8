import AdversarialGame
import ArgumentParser
import Experiments
import FairnessEvaluation
import FairnessMetrics
import ModelFiles
import Reporting
import RunRecords
import RunStore
import TabularData

/// An error that has an exit status after sysexits.
protocol ExitStatusError: Error {
  var exitStatus: Int32 { get }

  /// Lines to show below the message.
  var detail: [String] { get }
}

extension ExitStatusError {
  var detail: [String] { [] }
}

extension ConfigurationError: ExitStatusError {}
extension EvaluationError: ExitStatusError {}
extension ReportError: ExitStatusError {}
extension RecordError: ExitStatusError {}
extension RunQueryError: ExitStatusError {}

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
    note(error)
    throw ExitCode(error.exitStatus)
  } catch is TeamEnded {
    // The process that reports has said why, or has all that is left to do.
  } catch let error where error is RunInterrupted || error is SweepInterrupted {
    Console.note("equipoise: \(error)")
    throw ExitCode(Interruption.exitStatus)
  } catch let error as ExitCode {
    throw error
  } catch {
    Console.note("equipoise: internal error: \(TerminalText.neutralized("\(error)")). Please report it.")
    throw ExitCode(70)
  }
}

/// Ends with the exit status of a verdict over gates: 0 where all pass, 1 where one fails, 3 where the data cannot tell.
func endWithStatus(of verdict: Verdict?) throws {
  switch verdict {
  case nil, .pass: break
  case .fail: throw ExitCode(1)
  case .insufficientEvidence: throw ExitCode(3)
  }
}

/// Tells an error on standard error.
func note(_ error: any ExitStatusError) {
  Console.note("equipoise: \(TerminalText.neutralized("\(error)"))")
  for line in error.detail { Console.note(TerminalText.neutralized(line)) }
}

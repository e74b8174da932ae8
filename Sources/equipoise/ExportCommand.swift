import ArgumentParser
import Experiments
import ReportPages
import Reporting
import RunRecords

/// `equipoise export`: the model of a run in the formats of other tools.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the model of a run for other tools: ONNX, safetensors, model card.",
    discussion: """
      onnx: model.onnx takes the raw columns of rows (numbers as double with NaN for missing cells, categories as \
      strings) and gives their probability; all preparation is inside. safetensors: weights.safetensors holds the \
      networks' weights. card: model-card.json (Model Card Toolkit) and README.md (Hugging Face).
      """)

  /// What is written.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case onnx, safetensors, card
  }

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(help: "Write one of the formats only; can be repeated.")
  var format: [Format] = []

  @Option(help: "Write into this folder; otherwise into export in the folder of the run.", completion: .directory)
  var output: String?

  @Flag(help: "Let the ONNX file decide by the model's threshold too: an output decision beside probability.")
  var decision = false

  func run() throws {
    try exitingOnFailure {
      let formats = format.isEmpty ? Format.allCases : Format.allCases.filter(format.contains)
      var files: [(name: String, bytes: [UInt8])] = []
      let models = try ModelExport(run: folder)
      for format in formats {
        if let format = ModelExport.Format(rawValue: format.rawValue) {
          files.append((format.fileName, try models.bytes(format, withDecision: decision)))
        } else {
          let report = try RunReport(folder: folder)
          try report.requireBinaryLabel(for: "a model card", remedy: "Name the other formats with --format.")
          files += ModelCard(report).files.map { ($0.name, Array($0.text.utf8)) }
        }
      }
      // Nothing is written before everything is made: a format that cannot hold the model leaves no others behind.
      let target = output ?? "\(folder)/export"
      try FileAccess.makeFolders(target)
      for (name, bytes) in files {
        try FileAccess.write(bytes, to: "\(target)/\(name)")
        Console.write("\(TerminalText.neutralized("\(target)/\(name)"))\n")
      }
    }
  }
}

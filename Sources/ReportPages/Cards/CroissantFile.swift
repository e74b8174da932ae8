import OrderedJSON
import TabularData

/// The description of a file of rows in Croissant, for catalogues and loaders, with the fields of its extension for
/// responsible AI that can be told from the data; the others are left for those who know.
///
/// - Source: MLCommons, Croissant format specification 1.0, and its RAI extension 1.0.
public struct CroissantFile: Sendable {
  private let card: DataCard
  private let path: String
  private let hash: String

  /// - Parameter path: The file that the card is about.
  /// - Throws: `DataError` where it cannot be read.
  public init(_ card: DataCard, path: String) throws(DataError) {
    self.card = card
    self.path = path
    hash = try FileHash.sha256(ofFileAt: path)
  }

  private var fileName: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The document.
  public var json: JSON {
    let name = fileName.split(separator: ".").first.map(String.init) ?? fileName
    let rows = card.summary.all.rows
    let biases = card.headlines.isEmpty ? "Not answered." : card.headlines.joined(separator: " ")
    return [
      "@context": Self.context, "@type": "sc:Dataset",
      "conformsTo": [
        "http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0",
      ],
      "name": .string(name), "description": .string("\(rows) rows of \(card.summary.all.columns.count) columns."),
      "distribution": [
        [
          "@type": "cr:FileObject", "@id": "data", "name": "data", "contentUrl": .string(fileName),
          "encodingFormat": .string(fileName.hasSuffix(".gz") ? "application/gzip" : "text/csv"),
          "sha256": .string(hash),
        ]
      ],
      "recordSet": [
        [
          "@type": "cr:RecordSet", "@id": "rows", "name": "rows",
          "field": .array(card.summary.all.columns.map(Self.field)),
        ]
      ],
      "rai:personalSensitiveInformation": .array(card.attributes.map(JSON.string)),
      "rai:dataBiases": .string(biases), "rai:dataCollection": "Not answered.", "rai:dataUseCases": "Not answered.",
      "rai:dataLimitations": "Not answered.",
      "rai:dataCollectionMissingData": .string(missing),
    ]
  }

  private var missing: String {
    let incomplete = card.summary.all.columns.filter { $0.missing > 0 }.map { "\($0.name): \($0.missing) rows" }
    return incomplete.isEmpty ? "No cell is missing." : "Missing cells: \(incomplete.joined(separator: ", "))."
  }

  private static func field(_ column: TableDescription.ColumnDescription) -> JSON {
    [
      "@type": "cr:Field", "@id": .string("rows/\(column.name)"), "name": .string(column.name),
      "dataType": column.type == .numeric ? "sc:Float" : "sc:Text",
      "source": ["fileObject": ["@id": "data"], "extract": ["column": .string(column.name)]],
    ]
  }

  /// The words of the format, as its specification gives them.
  private static let context: JSON = [
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "data": ["@id": "cr:data", "@type": "@json"],
    "dataType": ["@id": "cr:dataType", "@type": "@vocab"], "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty", "examples": ["@id": "cr:examples", "@type": "@json"],
    "extract": "cr:extract", "field": "cr:field",
    "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "samplingRate": "cr:samplingRate", "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
  ]
}

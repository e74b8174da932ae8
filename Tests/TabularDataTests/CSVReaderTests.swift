import Foundation
import LinearAlgebra
import TabularData
import Testing

@Suite struct CSVReaderTests {
  @Test func quotedCellsKeepSeparatorsBreaksAndMarks() throws {
    let table = try read("a,b,c\r\n\"x, y\",\"line 1\nline 2\",\"say \"\"hi\"\"\"\r\nplain,\"\",3\"4\r\n")
    #expect(try cells(table, "a") == ["x, y", "plain"])
    #expect(try cells(table, "b") == ["line 1\nline 2", nil])
    #expect(try cells(table, "c") == ["say \"hi\"", "3\"4"])
    #expect(table.origins.place(ofRow: 0).hasSuffix("data.csv:2"))
    #expect(table.origins.place(ofRow: 1).hasSuffix("data.csv:4"))
  }

  @Test(arguments: [
    "a,b\n1,x\n2,y\n", "a,b\n1,x\n2,y", "\u{feff}a,b\r\n1,x\r\n2,y\r\n\r\n\n", "\na, b\n\n1 ,\tx \n 2,  y\n \t\n",
  ])
  func layoutsOfOneTable(_ text: String) throws {
    let table = try read(text)
    #expect(table.columns.map(\.name) == ["a", "b"])
    #expect(table["a"]?.cells == .numeric([1, 2]))
    #expect(try cells(table, "b") == ["x", "y"])
  }

  @Test func adultsLayout() throws {
    let table = try read(
      "|1x3 Cross validator\n25, Private, <=50K.\n38, ?, >50K.\n\n",
      format: CSVFormat(columnNames: ["age", "work", "income"], comment: "|"))
    #expect(table["age"]?.cells == .numeric([25, 38]))
    #expect(try cells(table, "work") == ["Private", nil])
    #expect(try cells(table.renamingCategories(of: "income", [">50K.": ">50K"]), "income") == ["<=50K.", ">50K"])
    #expect(table.origins.place(ofRow: 1).hasSuffix(":3"))
  }

  @Test func otherSeparatorsAndBlanks() throws {
    #expect(try cells(read("a\tb\n x\t\ty\n".replacingOccurrences(of: "\t\t", with: "\t")), "a\tb") == ["x\ty"])
    let tabs = try read("a\tb\n\t x \n", format: CSVFormat(separator: "\t"))
    #expect(try cells(tabs, "a") == [nil] && cells(tabs, "b") == ["x"])
    let exact = try read("a;b\n x ;1\n", format: CSVFormat(separator: ";", trimsBlanks: false))
    #expect(try cells(exact, "a") == [" x "])
  }

  @Test func cellsOfEveryLengthAreToldApart() throws {
    // Lengths around the eight and sixteen bytes that keys hold, in the middle of the file and at its end.
    let values = (0...40).map { String("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP".prefix($0)) }
    for quote in ["", "\""] {
      let rows = (values + values.reversed()).map { "\(quote)\($0)\(quote),\(quote)\($0)\(quote)" }
      let table = try read("a,b\n" + rows.joined(separator: "\n"), options: ReadingOptions(missingMarkers: []))
      let expected = (values + values.reversed()).map { $0.isEmpty ? nil : $0 }
      // A line without any quotation mark and cell but the separator is a row, too.
      #expect(try cells(table, "a") == expected)
      #expect(try cells(table, "b") == expected)
    }
  }

  @Test func equalTwinsOfAColumnAreOne() throws {
    let table = try read("a,b,a\n1,x,1\n2,y,2\n")
    #expect(table.columns.map(\.name) == ["a", "b"])
  }

  @Test func columnsOfManyValuesAreReadAsWell() throws {
    // More than the 2,048 distinct cells at which the dictionary is given up, then repeats.
    let values = (0..<5000).map { "value \($0 % 4000)" }
    let numbers = (0..<5000).map { Double($0) / 7 }
    let text = "text,number\n" + zip(values, numbers).map { "\($0),\($1)" }.joined(separator: "\n")
    let table = try read(text)
    #expect(table["number"]?.cells == .numeric(numbers))
    #expect(try cells(table, "text") == values)
    guard case .categorical(_, let categories) = try table.column(named: "text").cells else {
      Issue.record("text is not categorical")
      return
    }
    #expect(categories.count == 4000)
  }

  @Test func randomTablesComeBack() throws {
    // Written by a second, simple writer; the reader has to return the cells.
    var stream = RandomStream(seed: 11)
    let alphabet = Array("ab1, \"\n\r\té|?.-")
    for _ in 0..<200 {
      let columns = Int(stream.below(4)) + 1
      let rows = Int(stream.below(6)) + 1
      let expected = (0..<columns).map { _ in
        (0..<rows).map { _ in
          String((0..<Int(stream.below(20)) + 1).map { _ in alphabet[Int(stream.below(UInt64(alphabet.count)))] })
        }
      }
      let names = (0..<columns).map { "c\($0)" }
      var text = names.joined(separator: ",") + "\r\n"
      for row in 0..<rows {
        text += expected.map { "\"" + $0[row].replacingOccurrences(of: "\"", with: "\"\"") + "\"" }
          .joined(separator: ",")
        text += stream.below(2) == 0 ? "\n" : "\r\n"
      }
      let table = try read(
        text,
        options: ReadingOptions(
          types: Dictionary(uniqueKeysWithValues: names.map { ($0, .categorical) }), missingMarkers: []))
      for (name, column) in zip(names, expected) { #expect(try cells(table, name) == column, "\(text)") }
    }
  }

  @Test func hostileBytesNeverEndTheProcess() throws {
    var stream = RandomStream(seed: 3)
    let folder = try TemporaryFolder()
    let alphabet = Array("\"\",,\n\r|ab\t 1".utf8) + [0, 0xff, 0xc3, 0x1f, 0x8b, 0xef, 0xbb, 0xbf]
    for _ in 0..<800 {
      let bytes = (0..<Int(stream.below(60))).map { _ in alphabet[Int(stream.below(UInt64(alphabet.count)))] }
      let path = try folder.write(bytes)
      _ = try? CSVReader(format: CSVFormat(comment: "|")).read(path)
    }
  }

  @Test func typesAreInferredOverriddenAndShared() throws {
    let text = "n,c,e,z\n1,x,,01\n?,2,,02\n-1.5e1,y,,03\n"
    let table = try read(text)
    #expect(table["n"]?.cells.type == .numeric && table["c"]?.cells.type == .categorical)
    #expect(table["e"]?.cells.type == .numeric, "a column without cells is numeric")
    #expect(try cells(table, "n") == ["1.0", nil, "-15.0"])
    let declared = try read(text, options: ReadingOptions(types: ["z": .categorical]))
    #expect(try cells(declared, "z") == ["01", "02", "03"])
    let folder = try TemporaryFolder()
    let tables = try CSVReader().read([folder.write("x\n1\n".utf8, as: "a"), folder.write("x\nB\n".utf8, as: "b")])
    #expect(try cells(tables[0], "x") == ["1"] && cells(tables[1], "x") == ["B"])
    #expect(try cells(Table.concatenating(tables), "x") == ["1", "B"])
  }

  @Test func gzipIsUnzipped() throws {
    let folder = try TemporaryFolder()
    let table = try CSVReader().read(folder.write(GzipSample.two + GzipSample.more, as: "data.csv.gz"))
    #expect(table["a"]?.cells == .numeric([1, 2, 3]))
    #expect(try cells(table, "b") == ["x", "y", "z"])
  }

  @Test func skippedColumnsAreNowhere() throws {
    let table = try read("name,a,name\nMiranda,1,Peter\n", options: ReadingOptions(skipped: ["name"]))
    #expect(table.columns.map(\.name) == ["a"])
  }
}

/// Files of gzip: `a,b`, `1,x`, `2,y` on lines of their own; and `3,z` on one.
enum GzipSample {
  static let two: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0xd4, 0x49, 0xe2, 0x32, 0xd4, 0xa9, 0xe0, 0x32,
    0xd2, 0xa9, 0xe4, 0x02, 0x00, 0xc2, 0x96, 0x7e, 0x9d, 0x0c, 0x00, 0x00, 0x00,
  ]
  static let more: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x33, 0xd6, 0xa9, 0xe2, 0x02, 0x00, 0xb5, 0x4f, 0x88,
    0xc7, 0x04, 0x00, 0x00, 0x00,
  ]
}

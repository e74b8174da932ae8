/// A word of a condition.
enum ExpressionToken: Equatable {
  case name(String)
  case quoted(String)
  case number(Double, text: String)
  case symbol(String)
  case end

  /// The word as messages show it.
  var shown: String {
    switch self {
    case .name(let name): "'\(name)'"
    case .quoted(let text): "'\(text)'"
    case .number(_, let text): text
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end"
    }
  }
}

/// Cuts a condition into words, each with the place where it starts.
struct ExpressionLexer {
  static func tokens(_ text: String) throws(ExpressionError) -> [(token: ExpressionToken, column: Int)] {
    let characters = Array(text)
    var tokens: [(ExpressionToken, Int)] = []
    var index = 0
    while index < characters.count {
      let character = characters[index]
      let start = index
      if character.isWhitespace {
        index += 1
      } else if character == "'" || character == "\"" {
        guard let close = characters[(index + 1)...].firstIndex(of: character) else {
          throw ExpressionError(text, column: start, "the quotation mark here is not closed. Close it.")
        }
        tokens.append((.quoted(String(characters[(index + 1)..<close])), start))
        index = close + 1
      } else if character.isNumber
        || (character == "." && index + 1 < characters.count && characters[index + 1].isNumber)
      {
        index = endOfWord(characters, from: index) { $0.isNumber || $0 == "." }
        // An exponent, and nothing else, may hold a sign.
        if index < characters.count, characters[index] == "e" || characters[index] == "E" {
          var digits = index + 1
          if digits < characters.count, characters[digits] == "-" || characters[digits] == "+" { digits += 1 }
          if digits < characters.count, characters[digits].isNumber {
            index = endOfWord(characters, from: digits) { $0.isNumber }
          }
        }
        let wordEnd = endOfWord(characters, from: index, isNameCharacter)
        let word = String(characters[start..<wordEnd])
        index = wordEnd
        // A group may be called 25-45 or 1st; what is no number is a name.
        if let value = Double(word), value.isFinite {
          if index < characters.count, characters[index] == "%" {
            index += 1
            tokens.append((.number(value / 100, text: word + "%"), start))
          } else {
            tokens.append((.number(value, text: word), start))
          }
        } else {
          tokens.append((.name(word), start))
        }
      } else if isNameCharacter(character) {
        index = endOfWord(characters, from: index, isNameCharacter)
        tokens.append((.name(String(characters[start..<index])), start))
      } else {
        let two = index + 1 < characters.count ? String(characters[index...(index + 1)]) : ""
        if ["<=", ">=", "!=", "=="].contains(two) {
          tokens.append((.symbol(two), start))
          index += 2
        } else if let symbol = ["≤": "<=", "≥": ">=", "≠": "!=", "−": "-"][character] {
          tokens.append((.symbol(symbol), start))
          index += 1
        } else if "()<>=+-*/,&|;".contains(character) {
          tokens.append((.symbol(String(character)), start))
          index += 1
        } else {
          throw ExpressionError(
            text, column: start,
            "'\(character)' has no meaning here. Put names with unusual characters in quotation marks.")
        }
      }
    }
    tokens.append((.end, characters.count))
    return tokens
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "." || character == "?"
  }

  private static func endOfWord(
    _ characters: [Character], from start: Int, _ belongs: (Character) -> Bool
  ) -> Int {
    var index = start
    while index < characters.count && belongs(characters[index]) { index += 1 }
    return index
  }
}

/// The distinct texts of a column, numbered as they first appear.
///
/// Keyed by bytes, so that a text met before costs no `String`. A text of up to seven bytes is found and counted within
/// one slot: a wide table has so many columns that every further access is a cache miss. The hash is seeded at random,
/// since a hostile file must not be able to choose texts that collide; codes do not depend on the seed.
struct LevelTable {
    /// The number of distinct texts.
    private(set) var count = 0

    private struct Slot {
        /// Up to seven bytes and their number, or the hash of a longer text under a mark.
        var tag: UInt64 = 0
        var occurrences = 0
        var code: Int32 = -1
        /// The position in `spans`.
        var span: Int32 = 0
    }

    private static let longMark: UInt64 = 0xFF << 56
    private let seed = UInt64.random(in: .min ... .max)
    /// A power of two, at least twice the number of spans; a slot with a negative code is free.
    private var slots = [Slot](repeating: Slot(), count: 16)
    /// All texts, one after another, and where each stands.
    private var text: [UInt8] = []
    private var spans: [Range<Int>] = []
    /// The span that first had a code.
    private var firstSpans: [Int32] = []
    /// The codes by text, from the first text beyond ASCII on: other bytes may be the same text to Swift (and Unicode).
    private var codesByText: [String: Int32]?

    /// The memory it holds, roughly; from what it holds alone, so that a limit falls alike on every machine.
    var byteCount: Int {
        let bytes = 2 * text.count + slots.count * MemoryLayout<Slot>.stride + spans.count * 40
        return codesByText == nil ? bytes : bytes * 3
    }

    /// How often each level was added, by code.
    var occurrences: [Int] {
        var occurrences = [Int](repeating: 0, count: count)
        for slot in slots where slot.code >= 0 { occurrences[Int(slot.code)] += slot.occurrences }
        return occurrences
    }

    /// Hands out the text of a code, as it was first written.
    func withText<Result>(of code: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        text.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[spans[Int(firstSpans[code])]])) }
    }

    /// The level of a code.
    func level(_ code: Int) -> String {
        String(decoding: text[spans[Int(firstSpans[code])]], as: UTF8.self)
    }

    /// The code of a text that was added before.
    func code(of key: UnsafeBufferPointer<UInt8>) -> Int32? {
        let code = slots[slot(of: key, tag: tag(of: key))].code
        return code >= 0 ? code : codesByText?[String(decoding: key, as: UTF8.self)]
    }

    /// Counts a text and gives it a code if it has none.
    @inline(__always)
    mutating func add(_ key: UnsafeBufferPointer<UInt8>, occurrences: Int = 1) -> (code: Int32, isNew: Bool) {
        let tag = tag(of: key)
        let slot = slot(of: key, tag: tag)
        if slots[slot].code < 0 { return insert(key, tag: tag, slot: slot, occurrences: occurrences) }
        slots[slot].occurrences += occurrences
        return (slots[slot].code, false)
    }

    @inline(never)
    private mutating func insert(
        _ key: UnsafeBufferPointer<UInt8>, tag: UInt64, slot: Int, occurrences: Int
    ) -> (code: Int32, isNew: Bool) {
        let known = knownEqual(to: key)
        let code = known ?? Int32(count)
        if known == nil {
            firstSpans.append(Int32(spans.count))
            count += 1
        }
        slots[slot] = Slot(tag: tag, occurrences: occurrences, code: code, span: Int32(spans.count))
        spans.append(text.count..<text.count + key.count)
        text.append(contentsOf: key)
        if spans.count * 2 > slots.count { grow() }
        return (code, known == nil)
    }

    /// The code of a text of other bytes that is the same to Unicode; notes the text otherwise.
    private mutating func knownEqual(to key: UnsafeBufferPointer<UInt8>) -> Int32? {
        if codesByText == nil {
            if key.allSatisfy({ $0 < 0x80 }) { return nil }
            let known = (0..<count).map { (level($0), Int32($0)) }
            codesByText = Dictionary(known, uniquingKeysWith: { first, _ in first })
        }
        let string = String(decoding: key, as: UTF8.self)
        if let code = codesByText?[string] { return code }
        codesByText?[string] = Int32(count)
        return nil
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        let mask = slots.count - 1
        for slot in old where slot.code >= 0 {
            var index = home(of: slot.tag) & mask
            while slots[index].code >= 0 { index = (index + 1) & mask }
            slots[index] = slot
        }
    }

    /// The slot that holds `key`, or the free one where it belongs.
    @inline(__always)
    private func slot(of key: UnsafeBufferPointer<UInt8>, tag: UInt64) -> Int {
        let mask = slots.count - 1
        var index = home(of: tag) & mask
        while slots[index].code >= 0 {
            if slots[index].tag == tag && (tag < Self.longMark || holds(key, at: spans[Int(slots[index].span)])) {
                break
            }
            index = (index + 1) & mask
        }
        return index
    }

    private func holds(_ key: UnsafeBufferPointer<UInt8>, at span: Range<Int>) -> Bool {
        text[span].elementsEqual(key)
    }

    @inline(__always)
    private func tag(of key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard key.count < 8 else { return Self.longMark | hash(key) >> 8 }
        var tag = UInt64(truncatingIfNeeded: key.count)
        for byte in key { tag = tag << 8 | UInt64(byte) }
        return tag
    }

    /// Multiplies 64 by 64 to 128 bits and folds the halves (Yi 2019, wyhash).
    @inline(__always)
    private func home(of tag: UInt64) -> Int {
        let product = (tag ^ seed).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }

    private func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: key.count)
        var index = 0
        while index < key.count {
            var word: UInt64 = 0
            let end = min(index + 8, key.count)
            for position in index..<end { word = word << 8 | UInt64(key[position]) }
            let product = (hash ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: word ^ 0xD6E8_FEB8_6659_FD93)
            hash = product.high ^ product.low
            index = end
        }
        return hash
    }
}

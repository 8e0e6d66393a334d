import HDF5
import Testing

@Suite struct AttributeTests {
    @Test func numbersAndStringsOnGroupsAndDatasets() throws {
        let file = try File(inMemoryNamed: "attributes")
        let group = try file.root.createGroup("g")
        let dataset = try group.createDataset("d", shape: [1], values: [Float(1)])
        for attributes in [file.root.attributes, group.attributes, dataset.attributes] {
            try attributes.write("2.15.0", to: "keras_version")
            try attributes.write(["h1/kernel:0", "", "größe"], to: "weight_names")
            try attributes.write(Int64(-5), to: "step")
            try attributes.write([Float(1), 2.5], to: "scales")
            try attributes.write([Double](), to: "nothing")
            try attributes.write([String](), to: "no_names")
        }
        let root = try File(image: file.image()).root
        for attributes in [root.attributes, try root.group("g").attributes, try root.dataset("g/d").attributes] {
            #expect(
                try attributes.names == ["keras_version", "no_names", "nothing", "scales", "step", "weight_names"])
            #expect(try attributes.string("keras_version") == "2.15.0")
            #expect(try attributes.elementType(of: "keras_version") == .variableString(encoding: .utf8))
            #expect(try attributes.shape(of: "keras_version") == [])
            #expect(try attributes.strings("weight_names") == ["h1/kernel:0", "", "größe"])
            #expect(try attributes.number("step", as: Int64.self) == -5)
            #expect(try attributes.numbers("scales", as: Double.self) == [1, 2.5])
            #expect(try attributes.shape(of: "nothing") == [0])
            #expect(try attributes.elementType(of: "nothing") == .float(bytes: 8, order: .littleEndian))
            #expect(try attributes.strings("nothing") == [])
            #expect(try attributes.strings("no_names") == [])
            #expect(try !attributes.contains("other"))
        }
    }

    @Test func replacing() throws {
        let attributes = try File(inMemoryNamed: "attributes").root.attributes
        try attributes.write([Int32(1), 2], to: "a")
        try attributes.write("text", to: "a")
        #expect(try attributes.string("a") == "text")
        try attributes.write("Übung", to: "naïve")
        #expect(try attributes.string("naïve") == "Übung")
    }

    @Test func wrongKinds() throws {
        let attributes = try File(inMemoryNamed: "attributes").root.attributes
        try attributes.write("text", to: "text")
        try attributes.write([Int32(1), 2], to: "two")
        let missing = try hdf5Error { _ = try attributes.string("absent") }
        #expect(
            missing.description
                == "attributes:/: cannot read the attribute 'absent': there is no such attribute")
        let text = try hdf5Error { _ = try attributes.number("text", as: Float.self) }
        #expect(text.reason == "it is of type string, not a number")
        let two = try hdf5Error { _ = try attributes.number("two", as: Float.self) }
        #expect(two.reason == "it holds 2 numbers, not one")
        let number = try hdf5Error { _ = try attributes.strings("two") }
        #expect(number.reason == "it is of type int32, not a string")
    }

    /// A model's configuration is longer than what an object header holds.
    @Test func longString() throws {
        let long = String(repeating: "configuration ", count: 20_000)
        let file = try File(inMemoryNamed: "attributes")
        try file.root.attributes.write(long, to: "model_config")
        #expect(try File(image: file.image()).root.attributes.string("model_config") == long)
    }
}

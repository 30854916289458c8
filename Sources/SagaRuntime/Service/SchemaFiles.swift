import SagaCore
import SagaFiles

extension SchemaReader {
  /// Reads the schema files that a definition or a schema refers to, by their paths from its folder.
  ///
  /// - Parameter path: the file that refers to them.
  public static func beside(_ path: String) -> SchemaReader { DefinitionFiles.schemas(beside: path) }
}

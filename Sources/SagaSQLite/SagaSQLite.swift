// SagaSQLite

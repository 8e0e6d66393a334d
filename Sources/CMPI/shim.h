#ifndef CMPI_SHIM_H
#define CMPI_SHIM_H

#include <mpi.h>

/*
 * Names that MPI defines as macros with casts, which Swift does not import, and the one type whose spelling in Swift
 * differs between implementations (a pointer in Open MPI, an integer in MPICH). Nothing else belongs here.
 */

/** An array of requests. */
typedef MPI_Request *CMPI_Requests;

/** MPI_COMM_WORLD: all ranks. */
static inline MPI_Comm CMPI_COMM_WORLD(void) { return MPI_COMM_WORLD; }
/** MPI_INFO_NULL: no hints. */
static inline MPI_Info CMPI_INFO_NULL(void) { return MPI_INFO_NULL; }
/** MPI_ERRORS_RETURN: errors are return codes. */
static inline MPI_Errhandler CMPI_ERRORS_RETURN(void) { return MPI_ERRORS_RETURN; }
/** MPI_BYTE: the type of what is sent. */
static inline MPI_Datatype CMPI_BYTE(void) { return MPI_BYTE; }
/** MPI_REQUEST_NULL: no request. */
static inline MPI_Request CMPI_REQUEST_NULL(void) { return MPI_REQUEST_NULL; }
/** MPI_STATUS_IGNORE, MPI_STATUSES_IGNORE: nobody asks how a request ended. */
static inline MPI_Status *CMPI_STATUS_IGNORE(void) { return MPI_STATUS_IGNORE; }
static inline MPI_Status *CMPI_STATUSES_IGNORE(void) { return MPI_STATUSES_IGNORE; }

#endif

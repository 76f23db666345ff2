/** EWS answers for tests, as Exchange 2013 and later write them. */

const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const types = 'http://schemas.microsoft.com/exchange/services/2006/types';
const errors = 'http://schemas.microsoft.com/exchange/services/2006/errors';

/** A whole envelope around a response of one operation. */
export function response(operation: string, ...responseMessages: readonly string[]): string {
  return envelope(
    `<m:${operation}Response xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages>${responseMessages.join('')}</m:ResponseMessages></m:${operation}Response>`,
  );
}

/** A response message that says success. */
export function success(operation: string, payload: string): string {
  return `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${payload}</m:${operation}ResponseMessage>`;
}

/** A response message that refuses one entry. */
export function failure(operation: string, code: string, messageXml = ''): string {
  const details = messageXml === '' ? '' : `<m:MessageXml>${messageXml}</m:MessageXml>`;
  return `<m:${operation}ResponseMessage ResponseClass="Error"><m:MessageText>Etwas ging schief.</m:MessageText><m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${details}<m:Items/></m:${operation}ResponseMessage>`;
}

/** The warning for entries a server did not come to. */
export function stopped(operation: string): string {
  return failure(operation, 'ErrorBatchProcessingStopped').replace('ResponseClass="Error"', 'ResponseClass="Warning"');
}

/** The answer of GetUserAvailability, which has a form of its own; `zone` is the content of the working hours' TimeZone. */
export function availability(zone?: string): string {
  const view =
    zone === undefined
      ? ''
      : `<FreeBusyView><t:WorkingHours><t:TimeZone>${zone}</t:TimeZone></t:WorkingHours></FreeBusyView>`;
  return envelope(
    `<GetUserAvailabilityResponse xmlns="${messages}" xmlns:t="${types}"><FreeBusyResponseArray><FreeBusyResponse><ResponseMessage ResponseClass="Success"><ResponseCode>NoError</ResponseCode></ResponseMessage>${view}</FreeBusyResponse></FreeBusyResponseArray></GetUserAvailabilityResponse>`,
  );
}

/** A SOAP fault with a code, as Exchange 2010 and later write it. */
export function soapFault(code: string, values: Readonly<Record<string, string>> = {}): string {
  const list = Object.entries(values).map(([name, value]) => `<t:Value Name="${name}">${value}</t:Value>`);
  const messageXml = list.length === 0 ? '' : `<t:MessageXml xmlns:t="${types}">${list.join('')}</t:MessageXml>`;
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode xmlns:a="${types}">a:${code}</faultcode><faultstring xml:lang="de-DE">Etwas ging schief.</faultstring><detail><e:ResponseCode xmlns:e="${errors}">${code}</e:ResponseCode><e:Message xmlns:e="${errors}">Etwas ging schief.</e:Message>${messageXml}</detail></s:Fault></s:Body></s:Envelope>`;
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="2562" MinorBuildNumber="17" Version="V2017_07_11" xmlns:h="${types}"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

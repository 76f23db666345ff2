/** GetDelegate ([MS-OXWSDLGM]): nobody is a delegate here. */
export function getDelegate(): string {
  return '<m:ResponseCode>NoError</m:ResponseCode><m:DeliverMeetingRequests>DelegatesAndMe</m:DeliverMeetingRequests>';
}
